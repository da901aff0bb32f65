"""What Keras gives for the cases that compare.R draws, in float64.

Reads a JSON file with a list of cases, writes one with a list of results:
arrays by name, each as its shape and its values in row-major order.
"""
import importlib
import json
import os
import pathlib
import sys

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3",
                  CUDA_VISIBLE_DEVICES="")

import keras  # noqa: E402

from live_arrays import packed  # noqa: E402

keras.config.set_floatx("float64")


def all_kinds():
    """The functions of the truth_*.py beside this file, by kind."""
    kinds = {}
    for path in sorted(pathlib.Path(__file__).parent.glob("truth_*.py")):
        kinds.update(importlib.import_module(path.stem).KINDS)
    return kinds


def main(cases_path, results_path):
    with open(cases_path) as file:
        cases = json.load(file)
    kinds = all_kinds()
    results = []
    for case in cases:
        found = kinds[case["kind"]](case)
        results.append({name: packed(a) for name, a in found.items()})
    with open(results_path, "w") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main(*sys.argv[1:])

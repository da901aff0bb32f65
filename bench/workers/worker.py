"""The Python side of the protocol that worker.h describes.

A worker is a name, its versions, the cells that it knows and a function that
opens a case: it takes the cell and the inputs (a dict of float32 arrays) and
returns a dict from each method's name to a Method.
"""
import os
import sys
import time
from collections import namedtuple

import numpy as np

# run() does what is timed and returns its result; outputs(run()) gives the
# arrays that the reference is held to, in its order and layout.
Method = namedtuple("Method", "run outputs")

# G is the width of all gates of the cell.
SHAPES = {
    "x": "BTF", "W": "FG", "R": "UG", "b": "G", "dy": "BTU",
    "target": "B1", "D": "U1",
}
GATES = {"simple": 1, "lstm": 4, "gru": 3}


def threads():
    return int(os.environ["OMP_NUM_THREADS"])


def read_inputs(folder, cell, sizes):
    """The inputs of a case, row-major float32, by name."""
    size = dict(zip("BTFU", sizes), **{"1": 1})
    size["G"] = GATES[cell] * size["U"]
    arrays = {name: np.fromfile(f"{folder}/{name}.f32", np.float32)
              for name in SHAPES}
    shapes = dict(SHAPES, b="2G" if cell == "gru" else "G")
    size["2"] = 2
    return {name: array.reshape([size[axis] for axis in shapes[name]])
            for name, array in arrays.items()}


def seconds_for(run, calls):
    if calls > 1:  # a long call needs no warming up
        run()
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return time.perf_counter() - start


def losses_of(step, set_rate):
    """A training method's check: three steps at a rate that can be seen."""
    set_rate(1e-3)
    losses = [float(step()) for _ in range(3)]
    set_rate(1e-7)  # while timing, so that the model stays where it is
    return [np.array(losses, np.float32)]


class Server:
    def __init__(self, name, versions, cells, open_case, gemm=None):
        self.info_line = "\t".join([name, versions, " ".join(cells)])
        self.open_case = open_case
        self.gemm_of = gemm
        self.methods = {}

    def info(self):
        return self.info_line

    def open(self, folder, cell, *sizes):
        self.methods = {}
        sizes = [int(size) for size in sizes]
        inputs = read_inputs(folder, cell, sizes)
        self.methods = self.open_case(cell, inputs)
        return " ".join(self.methods)

    def check(self, name, path):
        method = self.methods[name]
        arrays = method.outputs(method.run)
        with open(path, "wb") as file:
            for array in arrays:
                np.ascontiguousarray(array, np.float32).tofile(file)
        return "ok"

    def time(self, name, calls):
        return f"{seconds_for(self.methods[name].run, int(calls)):.9f}"

    def gemm(self, n, calls):
        return f"{seconds_for(self.gemm_of(int(n)), int(calls)):.9f}"

    def serve(self):
        # Libraries may print: only answers go to the real standard output.
        answers = os.fdopen(os.dup(1), "w", buffering=1)
        os.dup2(2, 1)
        for line in sys.stdin:
            command, *words = line.split()
            if command == "quit":
                return
            try:
                reply = getattr(self, command)(*words)
            except Exception as error:  # the comparison goes on without it
                reply = "error " + " ".join(repr(error).split())[:300]
            print(reply, file=answers)

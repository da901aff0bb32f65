"""One log-log picture per operation: time of a call against its size."""
import itertools
import os

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

import reference  # noqa: E402
import report  # noqa: E402


def lines_of(runs, operation):
    """(operations, microseconds) of each contestant, by its label."""
    found = {}
    for run in runs:
        count = reference.flops(operation, run["cell"], run["size"])
        for entry in run["times"]:
            if entry["operation"] == operation:
                point = count, 1e6 * np.median(entry["seconds"])
                found.setdefault(report.label(entry), []).append(point)
    return {name: np.array(sorted(points)) for name, points in found.items()}


def draw(runs, operation, path):
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    others = iter(plt.get_cmap("tab20").colors)
    styles = {"c++": "-", "predict_on_batch": "-", "train_on_batch": "-"}
    for name, points in lines_of(runs, operation).items():
        worker, method = name.rsplit(" ", 1)
        if worker.startswith("elman"):
            look = dict(color="black", linewidth=2.5,
                        linestyle=styles.get(method, "--"),
                        marker="o" if worker == "elman core" else "s")
        else:
            look = dict(color=next(others), linewidth=1, marker=".")
        axes.loglog(points[:, 0], points[:, 1], label=name, **look)
    axes.set_xlabel("multiplications and additions in a call")
    axes.set_ylabel("microseconds a call, median")
    threads = runs[0]["threads"]
    axes.set_title(f"{report.CELLS[runs[0]['cell']]}: "
                   f"{report.TITLES[operation]}, {threads} thread"
                   + "s" * (threads > 1), fontsize=10)
    axes.grid(True, which="major", alpha=0.3)
    axes.legend(fontsize=7)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw_all(result, folder):
    """The pictures at the largest number of threads; their file names."""
    os.makedirs(folder, exist_ok=True)
    threads = max(run["threads"] for run in result["runs"])
    runs = [run for run in result["runs"] if run["threads"] == threads]
    names = []
    for cell, operation in itertools.product(report.CELLS, report.TITLES):
        own = [run for run in runs if run["cell"] == cell]
        if lines_of(own, operation):
            names.append(report.picture(cell, operation))
            draw(own, operation, os.path.join(folder, names[-1]))
    return names

"""RESULTS.md from the times of a comparison (build/times.json)."""
import datetime
import json
import os
import platform
import sys

import numpy as np

import reference

TITLES = {
    "forward": "forward, the last state of a batch of sequences",
    "backward": "forward and all gradients (x, W, R, b) of the sequence",
    "train": "training step with Dense(1), mse, Adam",
}
CELLS = {"simple": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}
# What other scripts measure, in this order, each in a file of its own.
SECTIONS = ["imdb", "streaming", "scaling", "footprint"]
BUILD = os.environ["ELMAN_BENCH_FOLDER"]
OUTPUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "RESULTS.md")
INTRODUCTION = """\
One interleaved run: in every round each contestant takes its turn, in
reversed order on alternate rounds, next to the matrix products that set the
roofline. Times are medians over the rounds, with half of the interquartile
range behind the sign ±. **A ratio is the peer's time over elman's in the same
round, the median over the rounds: above 1 elman is faster.** All results were
held to a float64 reference before anything was timed (1e-4 of the largest
element; losses of three steps for training).

"sgemm" is the share of the fastest matrix product (the best of {libraries},
each at its best size) of the same rounds. It counts the layer's products only:
2BTUG(F+U) operations forward for G gates, three times that with all gradients,
2BTUG(2F+3U) for a training step, which needs no gradient of the input. It
passes 100 % where elman uses wider vectors of the processor than those libraries
do.

Each peer works on arrays in its own layout and type, made beforehand; elman in
R starts from R's double arrays and ends in them. What each worker does is
told in bench/README.md.
"""


def microseconds(seconds):
    value = 1e6 * np.median(seconds)
    digits = 1 if value < 100 else 0
    return f"{value:,.{digits}f} us"


def spread(seconds):
    low, high = np.percentile(seconds, [25, 75])
    return f"±{100 * (high - low) / 2 / np.median(seconds):.0f} %"


def ratio(peer, own):
    return float(np.median(np.array(peer) / np.array(own)))


def label(entry):
    return f"{entry['worker']} {entry['method']}"


def roofline_share(run, entry):
    best = np.max(np.array(list(run["gemm"].values())), axis=0)
    count = reference.flops(entry["operation"], run["cell"], run["size"])
    rate = count / np.array(entry["seconds"]) / 1e9
    return f"{100 * np.median(rate / best):.0f} %"


def find(run, operation, wanted):
    for entry in run["times"]:
        if entry["operation"] == operation and label(entry) == wanted:
            return entry
    return None


def cell(entry, own):
    if entry is None:
        return "-"
    return (f"{ratio(entry['seconds'], own['seconds']):.2f}x "
            f"({microseconds(entry['seconds'])})")


def size_of(run):
    return ",".join(map(str, run["size"]))


def row(run, operation, own_label, peers):
    own = find(run, operation, own_label)
    if own is None:
        return f"| {size_of(run)} | " + " | ".join("-" * (len(peers) + 2))
    share = roofline_share(run, own) if run["gemm"] else "-"
    cells = [f"{microseconds(own['seconds'])} {spread(own['seconds'])}",
             share, *[cell(find(run, operation, p), own) for p in peers]]
    return f"| {size_of(run)} | " + " | ".join(cells) + " |"


def labels_of(runs, operation, kind):
    """Labels in the order of the workers, elman's own first."""
    found = dict.fromkeys(
        label(entry) for run in runs for entry in run["times"]
        if entry["operation"] == operation and entry["kind"] == kind)
    return sorted(found, key=lambda name: not name.startswith("elman"))


def table(runs, operation, kind, threads):
    labels = labels_of(runs, operation, kind)
    if not labels or not labels[0].startswith("elman"):
        return []
    own, *peers = labels
    caller = {"C++": "Called from C++", "script": "Called from a script"}
    header = ["B,T,F,U", own, "sgemm", *peers]
    return [
        f"### {caller[kind]}, {threads} thread" + "s" * (threads > 1), "",
        "| " + " | ".join(header) + " |", "|---" * len(header) + "|",
        *[row(run, operation, own, peers) for run in runs], "",
    ]


def comparisons(runs):
    """(ratio, line) of each peer at each size against elman of its kind."""
    for run in runs:
        for operation in TITLES:
            for kind in ("C++", "script"):
                labels = labels_of([run], operation, kind)
                if not labels or not labels[0].startswith("elman"):
                    continue
                own = find(run, operation, labels[0])
                for peer in labels[1:]:
                    if peer.startswith("elman"):
                        continue
                    entry = find(run, operation, peer)
                    found = ratio(entry["seconds"], own["seconds"])
                    yield found, (f"{CELLS[run['cell']]}, {operation}, "
                                  f"{size_of(run)}, "
                                  f"{run['threads']} thread(s): {peer} "
                                  f"{found:.2f}x against {labels[0]}")


def closest(run, operation, kind):
    """The peer that comes nearest to elman, or is ahead of it."""
    labels = labels_of([run], operation, kind)
    if len(labels) < 2 or not labels[0].startswith("elman"):
        return "-"
    own = find(run, operation, labels[0])
    ratios = {peer: ratio(find(run, operation, peer)["seconds"],
                          own["seconds"])
              for peer in labels[1:] if not peer.startswith("elman")}
    if not ratios:
        return "-"
    peer = min(ratios, key=ratios.get)
    return f"{ratios[peer]:.2f}x {peer}"


def summary(runs):
    """Per case the ratio to the best peer of each operation."""
    lines = ["## Against the best peer of each row", "",
             "| layer | threads | B,T,F,U | forward, from a script | "
             "training, from a script | forward, C++ | "
             "forward and gradients, C++ |", "|---" * 7 + "|"]
    for run in runs:
        cells = [CELLS[run["cell"]], str(run["threads"]), size_of(run)]
        cells += [closest(run, *what) for what in (
            ("forward", "script"), ("train", "script"), ("forward", "C++"),
            ("backward", "C++"))]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""]


def behind(runs):
    found = list(comparisons(runs))
    slower = [f"- {line}" for value, line in found if value < 1]
    count = (f"elman is ahead in {len(found) - len(slower)} of {len(found)} "
             "comparisons (a peer, a layer, a size, an operation, a number of "
             "threads).")
    if slower:
        count += " It is behind in these:"
    return ["## Where elman is behind", "", count, "", *slower, ""]


def processor():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.machine()


def machine(result):
    return [
        "## Machine and versions", "",
        f"{processor()}, {os.cpu_count()} cores, Linux "
        f"{platform.release()}, Python {platform.python_version()}.", "",
        *dict.fromkeys(
            f"- {CELLS[run['cell']]}, {run['threads']} thread(s): "
            f"{run['date']}, {run['rounds']} rounds, load average before the "
            f"run {run['load']:.2f}" for run in result["runs"]), "",
        *[f"- {name}: {versions}" for name, versions in
          result["versions"].items()],
        "",
    ]


def gemm_lines(runs, libraries):
    lines = ["## Roofline", "", "GF/s of sgemm, median (best) over all rounds.",
             "", "| threads | " + " | ".join(libraries) + " |",
             "|---" * (len(libraries) + 1) + "|"]
    for threads in sorted({run["threads"] for run in runs}):
        rates = [np.concatenate([run["gemm"][name] for run in runs
                                 if run["threads"] == threads
                                 and name in run["gemm"]] or [[]])
                 for name in libraries]
        cells = [f"{np.median(r):.0f} ({np.max(r):.0f})" if len(r) else "-"
                 for r in rates]
        lines.append(f"| {threads} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def cell_lines(runs, cell):
    """The sections of one layer: a picture and the tables of each operation."""
    lines = []
    runs = [run for run in runs if run["cell"] == cell]
    for operation, title in TITLES.items():
        if not any(entry["operation"] == operation for run in runs
                   for entry in run["times"]):
            continue
        title = f"{CELLS[cell]}: {title}"
        lines += [f"## {title}", "",
                  f"![{title}](pictures/{picture(cell, operation)})", ""]
        for threads in sorted({run["threads"] for run in runs}):
            chosen = [run for run in runs if run["threads"] == threads]
            for kind in ("script", "C++"):
                lines += table(chosen, operation, kind, threads)
    return lines


def picture(cell, operation):
    return operation + ("" if cell == "simple" else f"-{cell}") + ".png"


def render(result):
    runs = result["runs"]
    libraries = list(dict.fromkeys(name for run in runs for name in run["gemm"]))
    lines = ["# elman beside its peers", "",
             INTRODUCTION.format(libraries=", ".join(libraries) or "none"),
             *machine(result), *summary(runs), *behind(runs)]
    for cell in CELLS:
        lines += cell_lines(runs, cell)
    lines += [*gemm_lines(runs, libraries), *sections()]
    left_out = [f"- {run['threads']} thread(s): {line}" for run in runs
                for line in run["left_out"]]
    if left_out:
        lines += ["## Left out", "", *left_out, ""]
    return "\n".join(lines)


def today():
    return (f"{datetime.date.today().isoformat()}, load average "
            f"{os.getloadavg()[0]:.2f}.")


def section_path(name):
    return os.path.join(BUILD, "sections", f"{name}.md")


def write_section(name, lines):
    """What one of SECTIONS has measured, and RESULTS.md with it."""
    os.makedirs(os.path.join(BUILD, "sections"), exist_ok=True)
    with open(section_path(name), "w") as file:
        file.write("\n".join(lines) + "\n")
    print("\n".join(lines))
    with open(os.path.join(BUILD, "times.json")) as times:
        text = render(json.load(times))
    with open(OUTPUT, "w") as file:
        file.write(text)


def sections():
    lines = []
    for path in map(section_path, SECTIONS):
        if os.path.exists(path):
            with open(path) as file:
                lines += [*file.read().splitlines(), ""]
    return lines


# python report.py NAME puts the lines on standard input into that section.
if __name__ == "__main__":
    write_section(sys.argv[1], sys.stdin.read().splitlines())

"""One interleaved comparison: every round times every contestant once, in
reversed order on alternate rounds, next to the matrix products that set the
roofline. Ratios are taken inside a round, so a slow spell of the machine
hits both sides."""
import argparse
import datetime
import itertools
import json
import os
import time

import numpy as np

import contestants
import pictures
import reference
import report

CELLS = ["simple", "lstm", "gru"]
GEMM_SIZES = [256, 384, 512, 768, 1024]


def options():
    parser = argparse.ArgumentParser(prog="bench/run")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--cells", default=",".join(CELLS),
                        help="of simple, lstm and gru")
    parser.add_argument("--sizes", nargs="+", metavar="B,T,F,U",
                        default=[",".join(map(str, s))
                                 for s in reference.SIZES])
    parser.add_argument("--workers", default=",".join(contestants.NAMES))
    parser.add_argument("--turn", type=float, default=0.02,
                        help="seconds a contestant's turn should take")
    parser.add_argument("--keep", action="store_true",
                        help="add to what earlier runs have measured")
    parser.add_argument("--output", default=os.path.join(
        contestants.BENCH, "RESULTS.md"))
    return parser.parse_args()


class Comparison:
    """All workers at one number of threads, and what they have shown."""

    def __init__(self, names, threads, turn):
        self.turn = turn
        self.left_out = []
        self.workers = [w for w in (self.start(n, threads) for n in names)
                        if w]
        self.gemms = self.best_gemms()

    def start(self, name, threads):
        try:
            return contestants.Worker(name, threads)
        except contestants.WorkerError as error:
            self.leave_out(name, error)
            return None

    def leave_out(self, name, reason):
        print(f"bench: left out: {name}: {reason}", flush=True)
        self.left_out.append(f"{name}: {reason}")

    def calls_for(self, worker, what):
        seconds = worker.seconds_per_call(what, 1)
        if seconds < 10 * self.turn:
            # First calls compile, or record: they say little of the others.
            worker.seconds_per_call(what, 5)
            seconds = worker.seconds_per_call(what, 5)
        return int(np.clip(self.turn / max(seconds, 1e-9), 1, 10000))

    def best_gemms(self):
        """Per library the size of matrix product that runs fastest."""
        found = {}
        for worker in self.workers:
            rates = {}
            for n in GEMM_SIZES:
                try:
                    calls = self.calls_for(worker, f"gemm {n}")
                    seconds = worker.seconds_per_call(f"gemm {n}", calls)
                except contestants.WorkerError:
                    break
                rates[n] = 2 * n ** 3 / seconds
            if rates:
                n = max(rates, key=rates.get)
                found[worker] = (n, self.calls_for(worker, f"gemm {n}"))
        return found

    def open(self, cell, size, folder):
        """The contestants whose results are right, with their calls a turn."""
        case, expected = reference.prepare(cell, size, folder)
        found = []
        for worker in self.workers:
            if cell not in worker.cells:
                continue
            try:
                methods = worker.ask(
                    f"open {case} {cell} " + " ".join(map(str, size)))
            except contestants.WorkerError as error:
                self.leave_out(f"{worker.name} at {cell} {size}", error)
                continue
            for method in methods.split():
                calls = self.checked(worker, method, expected,
                                     f"{cell} {size}", case)
                if calls:
                    found.append((worker, method, calls))
        return [entry for entry in found if entry[0].alive()]

    def checked(self, worker, method, expected, where, case):
        label = f"{worker.name} {method} at {where}"
        path = os.path.join(case, "found.f32")
        try:
            worker.ask(f"check {method} {path}")
            error = reference.worst_error(
                np.fromfile(path, np.float32),
                expected[method.split(".")[0]])
            if error <= reference.TOLERANCE:
                return self.calls_for(worker, f"time {method}")
            self.leave_out(label, f"off by {error:.1e}")
        except contestants.WorkerError as error:
            self.leave_out(label, error)
        return None

    def round(self, entries, backwards):
        """Seconds a call of each entry, and GF/s of each matrix product."""
        turns = [
            *[(w, f"gemm {n}", calls) for w, (n, calls) in
              self.gemms.items()],
            *[(w, f"time {m}", calls) for w, m, calls in entries],
        ]
        order = range(len(turns))
        seconds = [np.nan] * len(turns)
        for i in reversed(order) if backwards else order:
            worker, what, calls = turns[i]
            try:
                seconds[i] = worker.seconds_per_call(what, calls)
            except contestants.WorkerError as error:
                self.leave_out(f"{worker.name} {what}", error)
        rates = [2 * n ** 3 / s / 1e9 for (n, _), s in
                 zip(self.gemms.values(), seconds)]
        return rates, seconds[len(rates):]

    def run(self, cell, size, rounds, folder):
        started = time.monotonic()
        entries = self.open(cell, size, folder)
        entries.sort(key=lambda e: e[1].split(".")[0])
        rows = [self.round(entries, i % 2 == 1) for i in range(rounds)]
        print(f"bench: {cell} {size}: {time.monotonic() - started:.0f} s",
              flush=True)
        return {
            "cell": cell, "size": size, "rounds": rounds,
            "gemm": {w.name: [row[0][i] for row in rows]
                     for i, w in enumerate(self.gemms)},
            "times": [
                {"worker": worker.name, "kind": worker.kind,
                 "operation": method.split(".", 1)[0],
                 "method": method.split(".", 1)[1],
                 "seconds": [row[1][i] for row in rows]}
                for i, (worker, method, _) in enumerate(entries)
                if not np.isnan([row[1][i] for row in rows]).any()],
        }

    def close(self):
        for worker in self.workers:
            worker.close()


def measure(chosen, save):
    """The runs of a comparison; `save` gets those so far after each, so that a
    long one that is cut off has not been in vain."""
    sizes = [tuple(map(int, s.split(","))) for s in chosen.sizes]
    cells = chosen.cells.split(",")
    folder = os.path.join(contestants.BUILD, "data")
    common = {"date": datetime.date.today().isoformat(),
              "load": os.getloadavg()[0]}
    for cell, size in itertools.product(cells, sizes):
        reference.prepare(cell, size, folder)
    runs = []
    for threads in map(int, chosen.threads.split(",")):
        print(f"bench: {threads} thread(s)", flush=True)
        comparison = Comparison(chosen.workers.split(","), threads,
                                chosen.turn)
        for cell, size in itertools.product(cells, sizes):
            case = comparison.run(cell, size, chosen.rounds, folder)
            left_out, comparison.left_out = comparison.left_out, []
            runs.append({"threads": threads, "left_out": left_out,
                         **common, **case})
            save(runs, {w.name: w.versions for w in comparison.workers})
        comparison.close()
    return runs


def saver(path, keep):
    earlier = {"versions": {}, "runs": []}
    if keep and os.path.exists(path):
        with open(path) as file:
            earlier = json.load(file)
    sizes = list(map(tuple, reference.SIZES))

    def place(run):
        size = tuple(run["size"])
        return (CELLS.index(run["cell"]), run["threads"],
                sizes.index(size) if size in sizes else len(sizes), size)

    def save(runs, versions):
        new = {place(run) for run in runs}
        kept = [run for run in earlier["runs"] if place(run) not in new]
        result = {"versions": {**earlier["versions"], **versions},
                  "runs": sorted(kept + runs, key=place)}
        with open(path, "w") as file:
            json.dump(result, file, indent=1)
        return result

    return save


def main():
    chosen = options()
    path = os.path.join(contestants.BUILD, "times.json")
    save = saver(path, chosen.keep)
    runs = measure(chosen, save)
    with open(path) as file:
        result = json.load(file)
    text = report.render(result)
    print(text)
    pictures.draw_all(result, os.path.join(
        os.path.dirname(os.path.abspath(chosen.output)), "pictures"))
    with open(chosen.output, "w") as file:
        file.write(text)
    left_out = [line for run in runs for line in run["left_out"]]
    return 1 if any("elman" in line for line in left_out) else 0


if __name__ == "__main__":
    raise SystemExit(main())

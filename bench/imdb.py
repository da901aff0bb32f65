"""Samples per second of fit() on integer sequences of 500 words, Embedding(10000,
32), SimpleRNN(32) and Dense(1, sigmoid), batches of 128: elman beside Keras on
each of its backends, in one interleaved run.

A process is a contestant: it answers each number of epochs on its standard input
with the seconds of that fit(). The data set of 25000 samples is cut to --samples
for the rounds; all contestants get the same number. A round is one epoch; the
first fit() of a process, which compiles or records, is not counted."""
import argparse
import os
import subprocess

import numpy as np

import contestants
import report

STEPS, WORDS, BATCH = 500, 10000, 128


class Contestant:
    def __init__(self, name, samples, threads):
        script = "imdb_elman.R" if name == "elman" else "imdb_keras.py"
        command = [*contestants.SCRIPT[name][:-1],
                   os.path.join(contestants.WORKERS, script)]
        cores = sorted(os.sched_getaffinity(0))[:threads]
        log = open(os.path.join(contestants.BUILD, f"imdb_{name}.log"), "w")
        self.process = subprocess.Popen(
            [*command, *map(str, (samples, STEPS, WORDS))],
            env=contestants.environment(name, threads), text=True, stderr=log,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
            preexec_fn=lambda: os.sched_setaffinity(0, cores))
        self.name = self.process.stdout.readline().strip()

    def seconds(self, epochs=1):
        self.process.stdin.write(f"{epochs}\n")
        return float(self.process.stdout.readline())


def options():
    parser = argparse.ArgumentParser(prog="bench/imdb")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--samples", type=int, default=25000)
    parser.add_argument("--workers",
                        default="elman,keras_jax,keras_tf,keras_torch")
    return parser.parse_args()


def section(chosen, names, seconds):
    lines = [
        "## fit() on sequences of 500 words", "",
        f"{chosen.samples} samples of 500 ids below {WORDS}, Embedding(10000, "
        f"32), SimpleRNN(32), Dense(1, sigmoid), Adam, batches of {BATCH}, "
        f"{chosen.threads} thread(s), {chosen.rounds} interleaved rounds of one "
        f"epoch. {report.today()}", "",
        "| | samples a second | time over elman's |", "|---|---|---|"]
    for name, own in zip(names, seconds):
        rate = np.median(chosen.samples / own)
        spread = report.spread(own)
        lines.append(f"| {name} | {rate:,.0f} {spread} | "
                     f"{np.median(own / seconds[0]):.2f}x |")
    return lines


def main():
    chosen = options()
    found = [Contestant(name, chosen.samples, chosen.threads)
             for name in chosen.workers.split(",")]
    for contestant in found:
        contestant.seconds()
    seconds = np.zeros((len(found), chosen.rounds))
    for k in range(chosen.rounds):
        order = range(len(found))
        for i in order if k % 2 == 0 else reversed(order):
            seconds[i, k] = found[i].seconds()
    for contestant in found:
        contestant.process.stdin.close()
    report.write_section("imdb", section(
        chosen, [contestant.name for contestant in found], seconds))


if __name__ == "__main__":
    main()

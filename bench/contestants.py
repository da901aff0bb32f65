"""The workers as processes: one line out, one line back (workers/worker.h)."""
import os
import select
import signal
import subprocess
import sys

BENCH = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ["ELMAN_BENCH_FOLDER"]
WORKERS = os.path.join(BENCH, "workers")

# Called from a script, or from C++: each kind has its own elman to beat.
CPP = ["core", "eigen_r_flags", "eigen_avx2", "onednn", "openblas"]
SCRIPT = {
    "elman": ["Rscript", "--vanilla", "elman.R"],
    "jax": [sys.executable, "jax_scan.py"],
    "keras_jax": [sys.executable, "keras_rnn.py"],
    "keras_tf": [sys.executable, "keras_rnn.py"],
    "keras_torch": [sys.executable, "keras_rnn.py"],
    "torch": [sys.executable, "torch_rnn.py"],
    "onnx": [sys.executable, "onnx_rnn.py"],
}
NAMES = [*CPP, *SCRIPT]
BACKENDS = {"keras_tf": "tensorflow", "keras_torch": "torch"}


class WorkerError(Exception):
    pass


def command_of(name):
    if name in CPP:
        return [os.path.join(BUILD, "bin", name)]
    return [*SCRIPT[name][:-1], os.path.join(WORKERS, SCRIPT[name][-1])]


def environment(name, threads):
    count = str(threads)
    variables = dict.fromkeys([
        "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS",
        "ELMAN_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"], count)
    if threads == 1:
        variables["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    return {
        **os.environ, **variables,
        "KERAS_BACKEND": BACKENDS.get(name, "jax"),
        "TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTEROP_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu",
        "R_LIBS": os.path.join(BUILD, "library"),
    }


class Worker:
    """A long-lived process that prepares cases and times its methods."""

    def __init__(self, name, threads):
        cores = sorted(os.sched_getaffinity(0))[:threads]
        self.kind = "C++" if name in CPP else "script"
        log = open(os.path.join(BUILD, f"{name}.log"), "w")
        try:
            self.process = subprocess.Popen(
                command_of(name), env=environment(name, threads), text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                bufsize=1, preexec_fn=lambda: os.sched_setaffinity(0, cores))
        except OSError as error:
            raise WorkerError(str(error)) from None
        self.name, self.versions, cells = self.ask("info").split("\t")
        self.cells = cells.split()

    def ask(self, line, limit=300):
        """The process runs only while it is asked: threads that would spin
        into the turns of the others cannot."""
        self.process.send_signal(signal.SIGCONT)
        try:
            return self.answer(line, limit)
        finally:
            self.process.send_signal(signal.SIGSTOP)

    def answer(self, line, limit):
        try:
            self.process.stdin.write(line + "\n")
        except BrokenPipeError:
            raise WorkerError("the process has ended") from None
        if not select.select([self.process.stdout], [], [], limit)[0]:
            self.process.kill()
            raise WorkerError(f"no answer within {limit} seconds")
        reply = self.process.stdout.readline().rstrip("\n")
        if not reply:
            raise WorkerError("the process has ended, see its log")
        if reply.startswith("error"):
            raise WorkerError(reply)
        return reply

    def alive(self):
        return self.process.poll() is None

    def seconds_per_call(self, what, calls):
        return float(self.ask(f"{what} {calls}")) / calls

    def close(self):
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write("quit\n")
            self.process.wait(10)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()

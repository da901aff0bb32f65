"""fit() of a classifier of 500 words with Keras on the backend named by
KERAS_BACKEND; the protocol is told in bench/imdb.py."""
import os
import sys
import time

import keras
import numpy as np

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # libraries may print

n, steps, words = map(int, sys.argv[1:])
threads = int(os.environ["OMP_NUM_THREADS"])
backend = keras.backend.backend()
if backend == "tensorflow":
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
if backend == "torch":
    import torch

    torch.set_num_threads(threads)
rng = np.random.default_rng(1)
x = rng.integers(0, words, (n, steps), dtype=np.int32)
y = rng.integers(0, 2, n).astype(np.float32)

model = keras.Sequential([
    keras.Input((steps,), dtype="int32"), keras.layers.Embedding(words, 32),
    keras.layers.SimpleRNN(32), keras.layers.Dense(1, activation="sigmoid")])
model.compile(keras.optimizers.Adam(1e-4), "binary_crossentropy")

print(f"Keras {keras.__version__}, {backend}", file=answers)
for line in sys.stdin:
    if line.strip() == "quit":
        break
    start = time.perf_counter()
    model.fit(x, y, batch_size=128, epochs=int(line), verbose=0)
    print(f"{time.perf_counter() - start:.6f}", file=answers)

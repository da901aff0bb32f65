"""The cases, their shared random inputs, and a float64 reference in NumPy."""
import os

import numpy as np

from cells import CELLS, gradients, states

# batch, steps, features, units
SIZES = [
    (1, 1, 1, 1), (1, 100, 8, 32), (32, 10, 8, 4), (32, 100, 32, 32),
    (32, 200, 64, 128), (64, 100, 128, 256), (128, 50, 256, 512),
    (256, 20, 512, 1024),
]

TOLERANCE = 1e-4  # of the largest element of an array, float32 in every peer


def flops(operation, cell, size):
    """Multiplications and additions in the products of one call.

    Forward: x W and h R. Backward adds dz R', dz W', x' dz and h' dz. A
    training step does not need the gradient of the input, dz W'.
    """
    B, T, F, U = size
    count = {"forward": F + U, "backward": 3 * (F + U),
             "train": 2 * F + 3 * U}[operation]
    return 2 * B * T * U * CELLS[cell].gates * count


def make_inputs(cell, size, rng):
    B, T, F, U = size
    G = CELLS[cell].gates
    rows = CELLS[cell].bias_rows
    limit = np.sqrt(6 / (F + U))
    orthogonal = [np.linalg.qr(rng.standard_normal((U, U)))[0]
                  for _ in range(G)]
    arrays = {
        "x": rng.standard_normal((B, T, F)),
        "W": rng.uniform(-limit, limit, (F, G * U)),
        "R": 0.9 * np.concatenate(orthogonal, axis=1),
        "b": 0.1 * rng.standard_normal((rows, G * U)[2 - rows:]),
        "dy": rng.standard_normal((B, T, U)),
        "target": rng.standard_normal((B, 1)),
        "D": rng.standard_normal((U, 1)) / np.sqrt(U),
    }
    return {name: a.astype(np.float32) for name, a in arrays.items()}


def adam(values, slopes, moments, step, rate):
    scale = rate * np.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step)
    for value, slope, (m, v) in zip(values, slopes, moments):
        m += 0.1 * (slope - m)
        v += 0.001 * (slope ** 2 - v)
        value -= scale * m / (np.sqrt(v) + 1e-7)


def losses(cell, inputs, steps=3, rate=1e-3):
    """mse before each of some steps of Adam, with Dense(1) on the layer."""
    x, target = inputs["x"], inputs["target"]
    W, R, b, D = values = [inputs[name].copy() for name in "WRbD"]
    values.append(c := np.zeros(1))
    moments = [(np.zeros_like(v), np.zeros_like(v)) for v in values]
    found = []
    for step in range(1, steps + 1):
        run = states(cell, x, W, R, b)
        last = run[0][-1]
        error = last @ D + c - target
        found.append(np.mean(error ** 2))
        d_prediction = 2 * error / error.size
        dy = np.zeros((*x.shape[:2], len(R)))
        dy[:, -1] = d_prediction @ D.T
        slopes = gradients(cell, x, W, R, b, run, dy)[1:]
        slopes += [last.T @ d_prediction, d_prediction.sum(0)]
        adam(values, slopes, moments, step, rate)
    return np.array(found)


def prepare(cell, size, folder):
    """Writes the inputs of a case, returns what each operation must give."""
    case = os.path.join(folder, "_".join(map(str, [cell, *size])))
    done = os.path.join(case, "expected.npz")
    if not os.path.exists(done):
        os.makedirs(case, exist_ok=True)
        inputs = make_inputs(cell, size, np.random.default_rng([1, *size]))
        for name, array in inputs.items():
            array.tofile(os.path.join(case, f"{name}.f32"))
        exact = {name: a.astype(float) for name, a in inputs.items()}
        arguments = [exact[name] for name in "xWRb"]
        run = states(cell, *arguments)
        slopes = gradients(cell, *arguments, run, exact["dy"])
        np.savez(done, forward=run[0][-1], train=losses(cell, exact),
                 **{f"backward{i}": s for i, s in enumerate(slopes)})
    with np.load(done) as file:
        return case, {
            "forward": [file["forward"]],
            "backward": [file[f"backward{i}"] for i in range(4)],
            "train": [file["train"]],
        }


def worst_error(found, expected):
    """Largest error of any array, relative to the array's largest element."""
    sizes = [array.size for array in expected]
    if found.size != sum(sizes):
        return np.inf
    parts = np.split(found, np.cumsum(sizes)[:-1])
    return max(
        float(np.max(np.abs(part - array.ravel()))
              / (np.max(np.abs(array)) or 1))
        for part, array in zip(parts, expected))

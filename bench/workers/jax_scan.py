"""jax.lax.scan written by hand and jitted: the best of the XLA world.

The input lies time-major on the device beforehand, and x W is one product
before the scan.
"""
from functools import partial

import jax
import jax.numpy as jnp

from worker import Method, Server, losses_of


def simple(state, zx, R, b):
    return (jnp.tanh(zx + state[0] @ R),)


def lstm(state, zx, R, b):
    h, c = state
    i, f, g, o = jnp.split(zx + h @ R, 4, axis=-1)
    sigmoid = jax.nn.sigmoid
    c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
    return sigmoid(o) * jnp.tanh(c), c


def gru(state, zx, R, b):
    h = state[0]
    zz, zr, zn = jnp.split(zx, 3, axis=-1)
    hz, hr, hn = jnp.split(h @ R + b[1], 3, axis=-1)
    z, r = jax.nn.sigmoid(zz + hz), jax.nn.sigmoid(zr + hr)
    return (z * h + (1 - z) * jnp.tanh(zn + r * hn),)


# The step of each cell, and how many states it has.
CELLS = {"simple": (simple, 1), "lstm": (lstm, 2), "gru": (gru, 1)}


def scan(cell, params, x, each):
    """The last state, and what `each` makes of every one, for the time-major
    input [T, B, F]."""
    W, R, b = params[:3]
    cell_step, count = CELLS[cell]

    def step(state, zx):
        state = cell_step(state, zx, R, b)
        return state, each(state[0])

    zero = jnp.zeros((x.shape[1], R.shape[0]), x.dtype)
    zx = x @ W + (b[0] if cell == "gru" else b)
    state, found = jax.lax.scan(step, (zero,) * count, zx)
    return state[0], found


def states(cell, params, x):
    """All hidden states [T, B, U]."""
    return scan(cell, params, x, lambda h: h)[1]


def last_state(cell, params, x):
    return scan(cell, params, x, lambda h: None)[0]


@partial(jax.jit, static_argnums=0)
def forward(cell, params, x):
    return last_state(cell, params, x)


@partial(jax.jit, static_argnums=0)
def backward(cell, params, x, dy):
    _, pull_back = jax.vjp(partial(states, cell), params, x)
    return pull_back(dy)


def loss_of(params, cell, x, target):
    prediction = last_state(cell, params, x) @ params[3] + params[4]
    return jnp.mean((prediction - target) ** 2)


def train_step(cell, state, x, target, rate):
    """One step of Adam as Keras does it; the old state is given away."""
    params, m, v, count = state
    loss, gradients = jax.value_and_grad(loss_of)(params, cell, x, target)
    count = count + 1
    scale = rate * jnp.sqrt(1 - 0.999 ** count) / (1 - 0.9 ** count)
    m = [0.9 * a + 0.1 * g for a, g in zip(m, gradients)]
    v = [0.999 * a + 0.001 * g * g for a, g in zip(v, gradients)]
    params = [
        p - scale * a / (jnp.sqrt(c) + 1e-7)
        for p, a, c in zip(params, m, v)
    ]
    return loss, (params, m, v, count)


train = jax.jit(train_step, static_argnums=0, donate_argnums=1)


class Trainer:
    def __init__(self, cell, params, x, target):
        self.cell = cell
        params = [jnp.array(p) for p in params]  # donated: own copies
        zeros = [[jnp.zeros_like(p) for p in params] for _ in range(2)]
        self.state = (params, *zeros, jnp.zeros(()))
        self.x, self.target, self.rate = x, target, jnp.float32(1e-7)

    def set_rate(self, rate):
        self.rate = jnp.float32(rate)

    def step(self):
        loss, self.state = train(self.cell, self.state, self.x, self.target,
                                 self.rate)
        return jax.block_until_ready(loss)


def open_case(cell, inputs):
    x = jnp.array(inputs["x"].swapaxes(0, 1))
    dy = jnp.array(inputs["dy"].swapaxes(0, 1))
    params = [jnp.array(inputs[name]) for name in "WRb"]
    dense = [jnp.array(inputs["D"]), jnp.zeros(1, jnp.float32)]
    trainer = Trainer(cell, params + dense, x, jnp.array(inputs["target"]))

    def gradients(run):
        (dW, dR, db), dx = run()
        return [dx.swapaxes(0, 1), dW, dR, db]

    return {
        "forward.jit": Method(
            lambda: jax.block_until_ready(forward(cell, params, x)),
            lambda run: [run()]),
        "backward.jit": Method(
            lambda: jax.block_until_ready(backward(cell, params, x, dy)),
            gradients),
        "train.jit": Method(
            trainer.step,
            lambda run: losses_of(run, trainer.set_rate)),
    }


if __name__ == "__main__":
    Server("jax.lax.scan", f"jax {jax.__version__}",
           list(CELLS), open_case).serve()

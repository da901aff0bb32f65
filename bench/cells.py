"""The recurrent cells in float64: states forward, gradients backward, and how
many gates each has. Weights and gates are in Keras's order."""
from collections import namedtuple

import numpy as np

# bias_rows: 2 where h R has a bias of its own (a GRU that resets after)
Cell = namedtuple("Cell", "gates bias_rows forward backward")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def split(gates, n):
    return np.split(gates, n, axis=-1)


class Simple:
    """h = tanh(z)."""

    @staticmethod
    def forward(zx, zh, state):
        h = np.tanh(zx + zh)
        return h, (h, None), (h,)

    @staticmethod
    def backward(kept, before, dh, dc):
        dz = dh * (1 - kept[0] ** 2)
        return dz, dz, 0, None


class Lstm:
    """c = f c + i g, h = o tanh(c)."""

    @staticmethod
    def forward(zx, zh, state):
        i, f, g, o = split(zx + zh, 4)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c = f * (0 if state[1] is None else state[1]) + i * g
        return o * np.tanh(c), (o * np.tanh(c), c), (i, f, g, o, c)

    @staticmethod
    def backward(kept, before, dh, dc):
        i, f, g, o, c = kept
        tanh_c = np.tanh(c)
        dc = (0 if dc is None else dc) + dh * o * (1 - tanh_c ** 2)
        c_before = 0 if before[1] is None else before[1]
        dz = np.concatenate([
            dc * g * i * (1 - i), dc * c_before * f * (1 - f),
            dc * i * (1 - g ** 2), dh * tanh_c * o * (1 - o)], axis=-1)
        return dz, dz, 0, dc * f


class Gru:
    """h = z h + (1 - z) tanh(x W + r (h R)), with the reset after h R."""

    @staticmethod
    def forward(zx, zh, state):
        (zz, zr, zn), (hz, hr, hn) = split(zx, 3), split(zh, 3)
        z, r = sigmoid(zz + hz), sigmoid(zr + hr)
        n = np.tanh(zn + r * hn)
        h = z * state[0] + (1 - z) * n
        return h, (h, None), (z, r, n, hn)

    @staticmethod
    def backward(kept, before, dh, dc):
        z, r, n, hn = kept
        dn = dh * (1 - z) * (1 - n ** 2)
        both = [dh * (before[0] - n) * z * (1 - z), dn * hn * r * (1 - r)]
        return (np.concatenate([*both, dn], axis=-1),
                np.concatenate([*both, dn * r], axis=-1), dh * z, None)


CELLS = {
    "simple": Cell(1, 1, Simple.forward, Simple.backward),
    "lstm": Cell(4, 1, Lstm.forward, Lstm.backward),
    "gru": Cell(3, 2, Gru.forward, Gru.backward),
}


def states(cell, x, W, R, b):
    """All states h [T + 1, B, U], the zero state first, and what the way back
    needs of every step."""
    step = CELLS[cell].forward
    b = b.reshape(-1, W.shape[1])
    zx = x.swapaxes(0, 1) @ W + b[0]
    h = np.zeros((len(zx) + 1, x.shape[0], R.shape[0]))
    kept, state = [], (h[0], None)
    for t in range(len(zx)):
        zh = state[0] @ R + (b[1] if len(b) > 1 else 0)
        before = state
        h[t + 1], state, gates = step(zx[t], zh, state)
        kept.append((gates, before))
    return h, kept


def gradients(cell, x, W, R, b, run, dy):
    """dx, dW, dR, db for the gradient dy [B, T, U] of all states."""
    step = CELLS[cell].backward
    h, kept = run
    dzx = np.zeros((len(kept), x.shape[0], W.shape[1]))
    dzh = np.zeros_like(dzx)
    dh, dc = 0, None
    for t in reversed(range(len(kept))):
        dzx[t], dzh[t], direct, dc = step(*kept[t], dh + dy[:, t], dc)
        dh = direct + dzh[t] @ R.T
    dW = np.tensordot(x.swapaxes(0, 1), dzx, ([0, 1], [0, 1]))
    dR = np.tensordot(h[:-1], dzh, ([0, 1], [0, 1]))
    db = [dzx.sum((0, 1)), dzh.sum((0, 1))][:CELLS[cell].bias_rows]
    return [(dzx @ W.T).swapaxes(0, 1), dW, dR, np.reshape(db, b.shape)]

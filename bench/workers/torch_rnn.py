"""torch.nn.RNN, LSTM and GRU in their own time-major layout; Adam is the fused
one."""
import itertools

import numpy as np
import torch

from worker import Method, Server, losses_of, threads


LAYERS = {"simple": "RNN", "lstm": "LSTM", "gru": "GRU"}


def own_order(cell, a):
    """The last axis in torch's order of gates, or back: r comes before z in a
    GRU. A copy, transposed if it is a matrix of weights."""
    if cell == "gru":
        z, r, n = np.split(a, 3, axis=-1)
        a = np.concatenate([r, z, n], axis=-1)
    return a


def rnn_of(cell, inputs):
    F, U = inputs["W"].shape[0], inputs["R"].shape[0]
    rnn = getattr(torch.nn, LAYERS[cell])(F, U)
    own = {name: torch.from_numpy(own_order(cell, inputs[name]).copy())
           for name in "WRb"}
    two = own["b"].dim() == 2
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(own["W"].T)
        rnn.weight_hh_l0.copy_(own["R"].T)
        rnn.bias_ih_l0.copy_(own["b"][0] if two else own["b"])
        rnn.bias_hh_l0.copy_(own["b"][1] if two else torch.zeros(len(own["b"])))
    rnn.bias_hh_l0.requires_grad_(two)  # where the layer here has one bias
    return rnn


def forward_method(rnn, x):
    @torch.inference_mode()
    def run():
        return last_state(rnn, x)

    return Method(run, lambda run: [run().numpy()])


def backward_method(cell, rnn, x, dy):
    x = x.clone().requires_grad_()
    wanted = [x, *(p for p in rnn.parameters() if p.requires_grad)]

    def run():
        return torch.autograd.grad(rnn(x)[0], wanted, dy)

    def outputs(run):
        dx, *slopes = [g.numpy() for g in run()]
        dW, dR, *db = [own_order(cell, g.T) for g in slopes]
        return [dx.swapaxes(0, 1), dW, dR, np.stack(db)]

    return Method(run, outputs)


def last_state(rnn, x):
    state = rnn(x)[1]
    return (state[0] if isinstance(state, tuple) else state)[0]


def train_method(rnn, x, inputs):
    dense = torch.nn.Linear(rnn.hidden_size, 1)
    with torch.no_grad():
        dense.weight.copy_(torch.from_numpy(inputs["D"].T.copy()))
        dense.bias.zero_()
    trained = [p for p in rnn.parameters() if p.requires_grad]
    adam = torch.optim.Adam([*trained, *dense.parameters()], lr=1e-7,
                            eps=1e-7, fused=True)
    target = torch.from_numpy(inputs["target"])

    steps = itertools.count(1)

    def set_rate(rate):
        adam.param_groups[0]["lr"] = rate

    def run():
        adam.zero_grad()
        loss = torch.nn.functional.mse_loss(dense(last_state(rnn, x)), target)
        loss.backward()
        adam.step()
        return loss.item()

    # Keras adds epsilon before the correction of the second moment, torch
    # after it: this one makes the same step.
    def checked():
        correction = (1 - 0.999 ** next(steps)) ** 0.5
        adam.param_groups[0]["eps"] = 1e-7 / correction
        return run()

    return Method(run, lambda run: losses_of(checked, set_rate))


def open_case(cell, inputs):
    x = torch.from_numpy(inputs["x"].swapaxes(0, 1).copy())
    dy = torch.from_numpy(inputs["dy"].swapaxes(0, 1).copy())
    name = f"nn.{LAYERS[cell]}"
    return {
        f"forward.{name}": forward_method(rnn_of(cell, inputs), x),
        f"backward.{name}": backward_method(cell, rnn_of(cell, inputs), x, dy),
        f"train.{name}": train_method(rnn_of(cell, inputs), x, inputs),
    }


def gemm(n):
    a, b, c = torch.rand(n, n), torch.rand(n, n), torch.empty(n, n)
    return lambda: torch.mm(a, b, out=c)


if __name__ == "__main__":
    torch.set_num_threads(threads())
    Server("torch", f"torch {torch.__version__}",
           list(LAYERS), open_case, gemm).serve()

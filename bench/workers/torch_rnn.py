"""torch.nn.RNN in its own time-major layout; Adam is the fused one."""
import torch

from worker import Method, Server, losses_of, threads


def rnn_of(inputs):
    F, U = inputs["W"].shape
    rnn = torch.nn.RNN(F, U)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(inputs["W"].T.copy()))
        rnn.weight_hh_l0.copy_(torch.from_numpy(inputs["R"].T.copy()))
        rnn.bias_ih_l0.copy_(torch.from_numpy(inputs["b"]))
        rnn.bias_hh_l0.zero_()
    rnn.bias_hh_l0.requires_grad_(False)  # the layer here has one bias
    return rnn


def forward_method(rnn, x):
    @torch.inference_mode()
    def run():
        return rnn(x)[1][0]

    return Method(run, lambda run: [run().numpy()])


def backward_method(rnn, x, dy):
    x = x.clone().requires_grad_()
    wanted = [x, rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0]

    def run():
        return torch.autograd.grad(rnn(x)[0], wanted, dy)

    def outputs(run):
        dx, dW, dR, db = [g.numpy() for g in run()]
        return [dx.swapaxes(0, 1), dW.T, dR.T, db]

    return Method(run, outputs)


def train_method(rnn, x, inputs):
    dense = torch.nn.Linear(rnn.hidden_size, 1)
    with torch.no_grad():
        dense.weight.copy_(torch.from_numpy(inputs["D"].T.copy()))
        dense.bias.zero_()
    trained = [p for p in rnn.parameters() if p.requires_grad]
    adam = torch.optim.Adam([*trained, *dense.parameters()], lr=1e-7,
                            eps=1e-7, fused=True)
    target = torch.from_numpy(inputs["target"])

    def set_rate(rate):
        adam.param_groups[0]["lr"] = rate

    def run():
        adam.zero_grad()
        loss = torch.nn.functional.mse_loss(dense(rnn(x)[1][0]), target)
        loss.backward()
        adam.step()
        return loss.item()

    return Method(run, lambda run: losses_of(run, set_rate))


def open_case(inputs):
    x = torch.from_numpy(inputs["x"].swapaxes(0, 1).copy())
    dy = torch.from_numpy(inputs["dy"].swapaxes(0, 1).copy())
    return {
        "forward.nn.RNN": forward_method(rnn_of(inputs), x),
        "backward.nn.RNN": backward_method(rnn_of(inputs), x, dy),
        "train.nn.RNN": train_method(rnn_of(inputs), x, inputs),
    }


def gemm(n):
    a, b, c = torch.rand(n, n), torch.rand(n, n), torch.empty(n, n)
    return lambda: torch.mm(a, b, out=c)


if __name__ == "__main__":
    torch.set_num_threads(threads())
    Server("torch", f"torch {torch.__version__}",
           ["forward.nn.RNN", "backward.nn.RNN", "train.nn.RNN"],
           open_case, gemm).serve()

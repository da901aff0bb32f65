"""ONNX Runtime's RNN, LSTM and GRU operators in their own time-major layout;
they cannot train."""
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

import numpy as np

from worker import Method, Server, threads


# The operator, its gates in Keras's numbering, and its attributes.
OPERATORS = {
    "simple": ("RNN", [0], {"activations": ["Tanh"]}),
    "lstm": ("LSTM", [0, 3, 1, 2], {}),  # i o f c
    "gru": ("GRU", [0, 1, 2], {"linear_before_reset": 1}),
}


def session_of(cell, inputs):
    B, T, F = inputs["x"].shape
    U = len(inputs["R"])
    operator, order, attributes = OPERATORS[cell]

    def own(a):
        gates = np.split(a, len(order), axis=-1)
        return np.concatenate([gates[k] for k in order], axis=-1)

    W, R, b = (own(inputs[name]) for name in "WRb")
    two = b if b.ndim == 2 else np.stack([b, np.zeros_like(b)])
    weights = {"W": W.T[None], "R": R.T[None], "b": two.reshape(1, -1)}
    node = helper.make_node(
        operator, ["x", "W", "R", "b"], ["", "h"], hidden_size=U, **attributes)
    graph = helper.make_graph(
        [node], "rnn",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [T, B, F])],
        [helper.make_tensor_value_info("h", TensorProto.FLOAT, [1, B, U])],
        [numpy_helper.from_array(np.ascontiguousarray(a), name)
         for name, a in weights.items()])
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    chosen = ort.SessionOptions()
    chosen.intra_op_num_threads = threads()
    chosen.inter_op_num_threads = 1
    return ort.InferenceSession(model.SerializeToString(), chosen,
                                providers=["CPUExecutionProvider"])


def open_case(cell, inputs):
    session = session_of(cell, inputs)
    x = np.ascontiguousarray(inputs["x"].swapaxes(0, 1))
    return {"forward.run": Method(lambda: session.run(["h"], {"x": x})[0],
                                  lambda run: [run()])}


if __name__ == "__main__":
    Server("ONNX Runtime", f"onnxruntime {ort.__version__}", list(OPERATORS),
           open_case).serve()

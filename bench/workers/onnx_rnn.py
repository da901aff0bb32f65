"""ONNX Runtime's RNN operator in its own time-major layout; it cannot train."""
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

import numpy as np

from worker import Method, Server, threads


def session_of(inputs):
    B, T, F = inputs["x"].shape
    U = len(inputs["b"])
    weights = {
        "W": inputs["W"].T[None], "R": inputs["R"].T[None],
        "b": np.concatenate([inputs["b"], np.zeros(U, np.float32)])[None],
    }
    node = helper.make_node(
        "RNN", ["x", "W", "R", "b"], ["", "h"], hidden_size=U,
        activations=["Tanh"])
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


def open_case(inputs):
    session = session_of(inputs)
    x = np.ascontiguousarray(inputs["x"].swapaxes(0, 1))
    return {"forward.run": Method(lambda: session.run(["h"], {"x": x})[0],
                                  lambda run: [run()])}


if __name__ == "__main__":
    Server("ONNX Runtime", f"onnxruntime {ort.__version__}", ["forward.run"],
           open_case).serve()

"""What ONNX Runtime makes of the models that elman exported."""
import numpy
import onnxruntime

from live_arrays import array


def onnx(case):
    session = onnxruntime.InferenceSession(
        case["path"], providers=["CPUExecutionProvider"]
    )
    wanted = session.get_inputs()[0]
    kind = numpy.int32 if "int32" in wanted.type else numpy.float32
    x = array(case, "x").numpy().astype(kind)
    return {"y": session.run(None, {wanted.name: x})[0]}


KINDS = {"onnx": onnx}

"""Operations: values, and gradients of a weighted sum of what they give."""
import keras
import numpy as np
import tensorflow as tf
from keras import ops

from live_arrays import answers, arrays

AXES = {"axis", "axes", "axis1", "axis2", "source", "destination", "axisa"}


def from_zero(value):
    """Axes as Python counts them."""
    if isinstance(value, list):
        return [from_zero(v) for v in value]
    return value - 1 if value > 0 else value


def argument(name, value):
    if isinstance(value, dict) and "shape" in value and "values" in value:
        value = np.reshape(value["values"], value["shape"]).tolist()
        if name in ("pad_width", "shape", "repeats"):
            value = np.asarray(value, int).tolist()
    if name in AXES:
        return from_zero(value)
    if name == "range":
        return tuple(float(v) for v in value)
    if name in ("bins", "weights", "q") and isinstance(value, list):
        return np.asarray(value, np.float64)
    return value


def scan(x):
    def step(carry, s):
        carry = ops.tanh(carry + s)
        return carry, carry * s

    return ops.scan(step, ops.zeros_like(x[0]), x, reverse=True)


def own_gradient(x):
    @ops.custom_gradient
    def f(x):
        return ops.exp(x), lambda dy: dy * ops.cos(x)

    return f(x)


PROGRAMS = {
    "run_cond": lambda x: ops.cond(
        ops.sum(x) > 0, lambda: ops.exp(x), lambda: ops.sin(x)),
    "run_switch": lambda x: ops.switch(
        1, [lambda x: x, ops.square, ops.exp], x),
    "run_while": lambda x: ops.while_loop(
        lambda i, x: i < 4, lambda i, x: (i + 1, ops.sin(x) * 2), (0, x))[1],
    "run_fori": lambda x: ops.fori_loop(
        1, 4, lambda i, v: v * x + ops.cast(i, "float64"), x),
    "run_scan": scan,
    "run_associative": lambda x: ops.associative_scan(
        lambda a, b: a * b, x, axis=1),
    "run_map": lambda x: ops.map(ops.cumsum, x),
    "run_vectorized": lambda x: ops.vectorized_map(
        lambda s: ops.sum(s * s), x),
    "run_gradient": own_gradient,
    "run_cholesky": lambda x: ops.cholesky(
        ops.matmul(x, ops.transpose(x)) + ops.eye(x.shape[0])),
}


def op(case):
    name = case["name"]
    f = PROGRAMS.get(name) or getattr(ops, name)
    given = dict(case["arguments"] or {})
    arguments = {k: argument(k, v) for k, v in given.items()
                 if v is not None and v != {}}
    ints = [tf.constant(i, tf.int32) - (1 if case["from_one"] else 0)
            for i in arrays(case, "ints")]

    def call(*inputs):
        if case["flat"]:
            inputs = [tf.stop_gradient(x) for x in inputs]
        kinds = {"x": list(inputs), "i": list(ints)}
        all_inputs = [kinds[kind].pop(0) for kind in case["inputs"]]
        more = dict(arguments)
        if name == "slice":
            more["shape"] = all_inputs.pop().shape
        if name == "in_top_k":  # TensorFlow has it in float32 alone.
            all_inputs[1] = tf.cast(all_inputs[1], tf.float32)
        if case["style"] == "list":
            all_inputs = [all_inputs]
        if case["style"] == "after":
            all_inputs = [more.pop("subscripts"), *all_inputs]
        outputs = tf.nest.flatten(f(*all_inputs, **more))
        if case["post"] == "first":
            outputs = outputs[:1]
        outputs = [tf.cast(y, tf.float64) for y in outputs]
        return ([tf.square(y) for y in outputs]
                if case["post"] == "square" else outputs)

    try:
        return answers(call, [tf.constant(x, tf.float64)
                              for x in arrays(case, "x")])
    except Exception as error:
        raise RuntimeError(f"operation {case}") from error


KINDS = {"op": op}

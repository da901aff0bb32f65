"""Arrays between JSON and Keras, for keras_truth.py and the truth_*.py."""
import numpy as np
import tensorflow as tf


def array(case, name):
    """An array of a case as a float64 tensor, None where there is none."""
    found = case.get(name)
    if found is None:
        return None
    return tf.constant(np.reshape(found["values"], found["shape"]),
                       tf.float64)


def arrays(case, name):
    return [np.reshape(a["values"], a["shape"]) for a in case[name]]


def packed(value):
    value = np.asarray(value, np.float64)
    return {"shape": list(value.shape), "values": value.ravel().tolist()}


def answers(call, inputs, layer=None):
    """Outputs, their masks, and the gradients of a weighted sum of outputs
    with respect to inputs and weights, as draws.R has them."""
    weights = [w.value for w in layer.trainable_weights] if layer else []
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = tf.nest.flatten(call(*inputs))
        total = sum(tf.reduce_sum(y * tf.constant(np.reshape(
            np.cos(np.arange(np.prod(y.shape))), y.shape))) for y in outputs)
    slopes = tape.gradient(total, [*inputs, *weights],
                           unconnected_gradients="zero")
    slopes = [tf.convert_to_tensor(s) for s in slopes]
    masks = [getattr(y, "_keras_mask", None) for y in outputs]
    return {
        "masked": [m is not None for m in masks],
        **numbered("output", outputs),
        **numbered("slope", slopes[:len(inputs)]),
        **numbered("weight slope", slopes[len(inputs):]),
        **numbered("mask", [m for m in masks if m is not None]),
    }


def numbered(what, values):
    return {f"{what} {k + 1}": v for k, v in enumerate(values)}


def boolean(case, name):
    mask = array(case, name)
    return None if mask is None else tf.cast(mask, tf.bool)

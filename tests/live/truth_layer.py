"""The layers around recurrent ones."""
import warnings

import keras
import numpy as np
import tensorflow as tf

from live_arrays import answers, arrays

warnings.filterwarnings("ignore", message="You are using a softmax")
tf.get_logger().setLevel("ERROR")


def layer(case):
    made = getattr(keras.layers, case["class"])(**arguments(case))
    masks = arrays(case, "masks") if case.get("masks") else []
    settings = {name: mask(value) if isinstance(value, dict) else value
                for name, value in dict(case.get("call") or {}).items()}
    inputs = [tf.constant(x) for x in arrays(case, "x")]

    def call(*tensors):
        marked = [tf.identity(x) for x in tensors]
        for x, given in zip(marked, masks):
            if np.size(given):
                x._keras_mask = tf.constant(given > 0)
        if case["class"] == "MultiHeadAttention":
            outputs = tf.nest.flatten(made(*marked, **settings))
            # The softmax inside marks the scores with its mask.
            for y in outputs[1:]:
                y._keras_mask = None
            return outputs
        return made(marked if len(marked) > 1 else marked[0], **settings)

    if case.get("adapt"):
        made.adapt(arrays({"x": [case["adapt"]]}, "x")[0])
    outputs = tf.nest.flatten(call(*inputs))
    weights = arrays(case, "weights") if case.get("weights") else []
    weights = [np.reshape(w, v.shape) for w, v in zip(weights, made.weights)]
    if weights:
        made.set_weights(weights)
    found = answers(call, inputs, made)
    if weights:
        made.set_weights(weights)
    call(*inputs)
    state = made.weights if not made.trainable else made.non_trainable_weights
    return {
        **found,
        **{f"state {k + 1}": w for k, w in enumerate(state)},
        "penalties": [0.0, *made.losses],
        "shapes": [size for y in outputs for size in y.shape],
        "entries": [ord(c) for c in ", ".join(made.get_config())],
    }


def arguments(case):
    """Axes count from 1 in R."""
    found = dict(case["arguments"] or {})
    for name in {"axis", "shared_axes"} & set(found):
        axes = found[name]
        found[name] = ([zero_based(a) for a in axes]
                       if isinstance(axes, list) else zero_based(axes))
    for name in {"padding", "cropping", "attention_axes"} & set(found):
        if isinstance(found[name], list):
            found[name] = tuple(found[name])
    return found


def zero_based(axis):
    return axis - 1 if axis > 0 else axis


def mask(value):
    return tf.constant(np.reshape(value["values"], value["shape"]) > 0)


KINDS = {"layer": layer}

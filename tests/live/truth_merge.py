"""Layers that merge tensors."""
import keras
import numpy as np
import tensorflow as tf

from live_arrays import answers, arrays


def merge(case):
    # Axes count from 1 in R.
    arguments = {
        name: value - 1 if name in ("axis", "axes") and value > 0 else value
        for name, value in dict(case["arguments"] or {}).items()}
    layer = getattr(keras.layers, case["name"].capitalize())(**arguments)
    masks = arrays(case, "masks")

    def call(*inputs):
        marked = []
        for x, mask in zip(inputs, masks):
            if np.size(mask):
                x = tf.identity(x)
                x._keras_mask = tf.constant(mask > 0)
            marked.append(x)
        return layer(marked)

    return answers(call, [tf.constant(x) for x in arrays(case, "x")])


KINDS = {"merge": merge}

"""Losses: values and gradients."""
import keras
import tensorflow as tf
from keras.src import backend

from live_arrays import array

NAMES = {"kl_divergence": "KLDivergence"}


def camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


def find(module, name):
    return getattr(module, NAMES.get(name, camel(name)))


def masked(x, case):
    mask = array(case, "mask")
    if mask is not None:
        backend.set_keras_mask(x, tf.cast(mask, "bool"))
    return x


def loss(case):
    make = find(keras.losses, case["name"])
    made = make(reduction=case["reduction"], **case.get("arguments", {}))
    y, weight = array(case, "y"), array(case, "sample_weight")
    x = array(case, "x")
    with tf.GradientTape() as tape:
        tape.watch(x)
        given = masked(tf.identity(x), case)
        value = made(y, given, sample_weight=weight)
        total = tf.reduce_sum(value)
    return {"value": value, "slope": tape.gradient(total, x)}


KINDS = {"loss": loss}

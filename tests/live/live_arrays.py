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

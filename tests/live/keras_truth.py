"""What Keras gives for the cases that compare.R draws, in float64.

Reads a JSON file with a list of cases, writes one with a list of results:
arrays by name, each as its shape and its values in row-major order.
"""
import json
import os
import sys

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3",
                  CUDA_VISIBLE_DEVICES="")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

keras.config.set_floatx("float64")


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


def simple_rnn(case):
    """Output, state, and gradients of a weighted sum of both."""
    layer = keras.layers.SimpleRNN(return_state=True, **case["arguments"])
    x, h0 = array(case, "x"), array(case, "h0")
    mask = array(case, "mask")
    layer.build(x.shape)
    layer.set_weights(arrays(case, "weights"))
    with tf.GradientTape() as tape:
        tape.watch([x, h0])
        y, h = layer(x, initial_state=h0,
                     mask=None if mask is None else tf.cast(mask, tf.bool))
        total = (tf.reduce_sum(y * array(case, "dy"))
                 + tf.reduce_sum(h * array(case, "dh")))
    weights = [w.value for w in layer.trainable_weights]
    slopes = tape.gradient(total, [x, h0, *weights],
                           unconnected_gradients="zero")
    names = ["dx", "dh0", "dW", "dR", "db"]
    return {"output": y, "state": h, **dict(zip(names, slopes))}


def dense(case):
    layer = keras.layers.Dense(**case["arguments"])
    x = array(case, "x")
    layer.build(x.shape)
    layer.set_weights(arrays(case, "weights"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        total = tf.reduce_sum(y * array(case, "dy"))
    weights = [w.value for w in layer.trainable_weights]
    slopes = tape.gradient(total, [x, *weights])
    return {"output": y, **dict(zip(["dx", "dW", "db"], slopes))}


def model(case):
    """Losses, predictions and weights of a few steps of training."""
    x, y = array(case, "x"), array(case, "y")
    network = keras.Sequential([
        keras.Input(x.shape[1:]),
        *[keras.layers.SimpleRNN(**a) for a in case["recurrent"]],
        keras.layers.Dense(**case["dense"]),
    ])
    network.set_weights(arrays(case, "weights"))
    optimizer = getattr(keras.optimizers, case["optimizer"])
    settings = {name: value if isinstance(value, bool) else float(value)
                for name, value in case["settings"].items()}
    network.compile(optimizer(**settings), case["loss"], run_eagerly=True)
    losses = [network.train_on_batch(x, y) for _ in range(case["steps"])]
    weights = {f"weight {i + 1}": w
               for i, w in enumerate(network.get_weights())}
    return {"losses": losses, "prediction": network.predict_on_batch(x),
            **weights}


def main(cases_path, results_path):
    with open(cases_path) as file:
        cases = json.load(file)
    kinds = {"simple_rnn": simple_rnn, "dense": dense, "model": model}
    results = []
    for case in cases:
        found = kinds[case["kind"]](case)
        results.append({name: packed(a) for name, a in found.items()})
    with open(results_path, "w") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""LSTM and GRU layers, in one direction or both."""
import keras
import tensorflow as tf

from live_arrays import answers, array, arrays, boolean


def gated(kind):
    def results(case):
        layer = kind(return_state=True, **case["arguments"])
        if case["both"]:
            layer = keras.layers.Bidirectional(layer)
        x = array(case, "x")
        layer.build(x.shape)
        layer.set_weights(arrays(case, "weights"))
        mask = boolean(case, "mask")
        states = []
        if case.get("states"):
            states = [tf.constant(s) for s in arrays(case, "states")]

        def call(x, *states):
            return layer(x, initial_state=list(states) or None, mask=mask)

        return answers(call, [x, *states], layer)

    return results


KINDS = {"lstm": gated(keras.layers.LSTM), "gru": gated(keras.layers.GRU)}

"""Recurrent layers over a cell or several."""
import keras

from live_arrays import answers, array, arrays, boolean
import tensorflow as tf


def rnn(case):
    cells = [keras.layers.SimpleRNNCell(**a) for a in case["cells"]]
    layer = keras.layers.RNN(cells if case["stacked"] else cells[0],
                             return_state=True, **case["arguments"])
    x = array(case, "x")
    layer.build(x.shape)
    layer.set_weights(arrays(case, "weights"))
    states = [tf.constant(s) for s in arrays(case, "states")]
    mask = boolean(case, "mask")

    def call(x, *states):
        # A stack of one gives its states as a cell does.
        nested = [[s] for s in states] if len(states) > 1 else list(states)
        return layer(x, initial_state=nested, mask=mask)

    return answers(call, [x, *states], layer)


KINDS = {"rnn": rnn}

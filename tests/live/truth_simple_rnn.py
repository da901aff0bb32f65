"""The simple recurrent layer."""
import keras
import tensorflow as tf

from live_arrays import array, arrays


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


KINDS = {"simple_rnn": simple_rnn}

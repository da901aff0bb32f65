"""The dense layer."""
import keras
import tensorflow as tf

from live_arrays import array, arrays


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


KINDS = {"dense": dense}

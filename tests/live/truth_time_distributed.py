"""A layer at each step."""
import keras

from live_arrays import answers, array, arrays, boolean


def time_distributed(case):
    inner = getattr(keras.layers, case["inner"])(**case["arguments"])
    layer = keras.layers.TimeDistributed(inner)
    x = array(case, "x")
    layer.build(tuple(x.shape))
    layer.set_weights(arrays(case, "weights"))
    mask = boolean(case, "mask")

    def call(x):
        return layer(x, mask=mask)

    return answers(call, [x], layer)


KINDS = {"time_distributed": time_distributed}

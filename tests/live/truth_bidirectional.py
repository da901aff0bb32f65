"""Both directions."""
import keras
import tensorflow as tf

from live_arrays import answers, array, arrays, boolean


def bidirectional(case):
    def side(k, **more):
        return keras.layers.SimpleRNN(**case["cells"][k], **case["common"],
                                      **more)

    layer = keras.layers.Bidirectional(
        side(0), merge_mode=None if case["mode"] == "none" else case["mode"],
        backward_layer=side(1, go_backwards=True) if case["own"] else None)
    x = array(case, "x")
    layer.build(x.shape)
    layer.set_weights(arrays(case, "weights"))
    states = [tf.constant(s) for s in arrays(case, "states")] \
        if case.get("states") else []
    mask = boolean(case, "mask")

    def call(x, *states):
        if not states:
            return layer(x, mask=mask)
        return layer(x, initial_state=list(states), mask=mask)

    return answers(call, [x, *states], layer)


KINDS = {"bidirectional": bidirectional}

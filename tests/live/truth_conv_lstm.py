"""Convolutional LSTM layers. TensorFlow has no convolution with the channels
first on processors without a GPU, so that all cases have them last."""
import keras

from live_arrays import answers, array, arrays, boolean


def conv_lstm(case):
    arguments = {name: tuple(v) if isinstance(v, list) else v
                 for name, v in case["arguments"].items()}
    kind = getattr(keras.layers, f"ConvLSTM{case['rank']}D")
    layer = kind(return_state=True, **arguments)
    x = array(case, "x")
    layer.build(tuple(x.shape))
    layer.set_weights(arrays(case, "weights"))
    mask = boolean(case, "mask")
    return answers(lambda x: layer(x, mask=mask), [x], layer)


KINDS = {"conv_lstm": conv_lstm}

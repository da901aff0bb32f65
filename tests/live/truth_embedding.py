"""Ids, numbers and padding before a recurrent layer."""
import keras

from live_arrays import answers, array, arrays


def embedding(case):
    x = array(case, "x")
    first = keras.layers.Embedding(**case["arguments"])
    second = keras.layers.SimpleRNN(case["units"], return_sequences=True)
    both = keras.Sequential([first, second])
    both.build(tuple(x.shape))
    both.set_weights(arrays(case, "weights"))
    return answers(lambda: second(first(x)), [], both)


def masking(case):
    layer = keras.layers.Masking(case["value"])
    return answers(layer, [array(case, "x")])


KINDS = {"embedding": embedding, "masking": masking}

"""Data helpers: windows, padding, classes, norms, texts."""
import itertools

import keras
import numpy as np
from keras.src.legacy.preprocessing.text import Tokenizer

from live_arrays import array


def as_list(value):
    """A vector of R, which JSON may have made a single value."""
    return value if isinstance(value, list) else [value]


def flat(rows):
    rows = [list(row) for row in rows]
    return [*(len(row) for row in rows), *itertools.chain(*rows)]


def code_points(words):
    return flat([ord(letter) for letter in word] for word in words)


def numpy_array(case, name):
    found = array(case, name)
    return None if found is None else found.numpy()


def windows(case):
    batches = keras.utils.timeseries_dataset_from_array(
        numpy_array(case, "data"), numpy_array(case, "targets"),
        **case["arguments"])
    parts = []
    for batch in batches:
        batch = batch if isinstance(batch, tuple) else (batch,)
        parts += [np.asarray(part).ravel() for part in batch]
    return {"sizes": [part.size for part in parts],
            "values": np.concatenate(parts)}


def pad(case):
    sequences = [as_list(sequence) for sequence in as_list(case["sequences"])]
    return {"padded": keras.utils.pad_sequences(
        sequences, maxlen=case.get("maxlen"), padding=case["padding"],
        truncating=case["truncating"], value=case["value"])}


def numbers(case):
    x = numpy_array(case, "x")
    axis, order = case["axis"], case["order"]
    return {"norms": keras.utils.normalize(x, axis, order),
            "classes": keras.utils.to_categorical(
                as_list(case["classes"]), case.get("num_classes"))}


def vectorization(case):
    layer = keras.layers.TextVectorization(**case["arguments"])
    layer.adapt(as_list(case["texts"]))
    output = layer(np.array(as_list(case["test"])))
    return {"vocabulary": code_points(layer.get_vocabulary()),
            "output": output}


def tokenizer(case):
    found = Tokenizer(**case["arguments"])
    found.fit_on_texts(as_list(case["texts"]))
    test = as_list(case["test"])
    sequences = found.texts_to_sequences(test)
    words = sorted(found.word_index, key=found.word_index.get)
    return {"words": code_points(words), "sequences": flat(sequences),
            "texts": code_points(found.sequences_to_texts(sequences)),
            "matrix": found.texts_to_matrix(test, mode=case["mode"])}


PARTS = {"windows": windows, "pad": pad, "numbers": numbers,
         "vectorization": vectorization, "tokenizer": tokenizer}


def data(case):
    results = PARTS[case["what"]](case)
    flats = {name: np.asarray(value, np.float64).ravel()
             for name, value in results.items()}
    return {name: [value.size, *value] for name, value in flats.items()}


KINDS = {"data": data}

"""Writes models with the Keras that is installed, for test-load-older-keras.R.

    python older_keras.py FOLDER

Each version of Keras needs an environment of its own (with JAX, whose models
train in all of them). `FOLDER/VERSION/` then holds the files and, in
expected.json, what the models predict before and after one more step of
training. tests/testthat/older-keras.tar.xz holds those folders:

    tar -C FOLDER -cJf tests/testthat/older-keras.tar.xz .

With Keras 3.15.1, what its next step makes of each of those files is written to
tests/testthat/older-keras-steps.json (Keras itself goes on otherwise where the
older version left something out, such as Huber's delta):

    python older_keras.py FOLDER --steps FILE
"""
import json
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers


def numbers(*shape):
    count = int(np.prod(shape))
    return np.sin(np.arange(1, count + 1)).reshape(shape).astype("float32")


def words():
    return keras.Sequential([
        keras.Input((4,), dtype="int32"),
        layers.Embedding(5, 3, mask_zero=True),
        layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
        layers.GRU(2, reset_after=False, recurrent_activation="hard_sigmoid"),
        layers.Dropout(0.0),
        layers.Dense(2, activation="softmax", kernel_regularizer="l2"),
    ], name="words")


def series():
    return keras.Sequential([
        keras.Input((4, 2)),
        layers.SimpleRNN(3, return_sequences=True, activation="relu",
                         kernel_initializer="he_normal"),
        layers.Masking(0.25),
        layers.GRU(2, go_backwards=True),
        layers.Dense(2),
    ], name="series")


def graph():
    x = keras.Input((4, 2), name="x")
    h = keras.Input((3,), name="h")
    memory = layers.LSTM(3, return_sequences=True, return_state=True)
    y, last, cell = memory(x, initial_state=[h, h])
    shared = layers.Dense(2, activation="tanh", name="shared")
    y = layers.TimeDistributed(shared)(y)
    y = layers.Flatten()(y)
    y = layers.Concatenate()([y, layers.Add()([last, cell])])
    y = layers.LayerNormalization()(y)
    return keras.Model([x, h], layers.Dense(2)(y), name="graph")


def inputs(kind):
    if kind == "words":
        return np.array([[1, 0, 4, 2], [3, 3, 0, 0], [2, 1, 0, 4]], "int32")
    x = numbers(3, 4, 2)
    return [x, numbers(3, 3)] if kind == "graph" else x


def targets(kind):
    y = np.cos(np.arange(1, 7)).reshape(3, 2).astype("float32")
    return np.eye(2, dtype="float32")[[0, 1, 0]] if kind == "words" else y


def compiled(kind):
    model = {"words": words, "series": series, "graph": graph}[kind]()
    if kind == "words":
        model.compile(keras.optimizers.Adam(0.0625),
                      loss="categorical_crossentropy",
                      metrics=["accuracy"])
    elif kind == "series":
        schedule = keras.optimizers.schedules.ExponentialDecay(0.0625, 2, 0.5)
        model.compile(keras.optimizers.RMSprop(schedule, momentum=0.5),
                      loss=keras.losses.Huber(0.5),
                      metrics=[keras.metrics.MeanAbsoluteError()])
    else:
        model.compile(keras.optimizers.SGD(0.0625, momentum=0.5,
                                           nesterov=True), loss="mse")
    return model


def step(model, kind):
    model.train_on_batch(inputs(kind), targets(kind))


def predicted(model, kind):
    return np.asarray(model.predict_on_batch(inputs(kind))).tolist()


def save_whole_hdf5(model, path):
    try:
        model.save(path)
    except ValueError:  # Keras 3.0 gives some weights the same name
        os.remove(path)


def main(folder):
    folder = os.path.join(folder, keras.__version__)
    os.makedirs(folder, exist_ok=True)
    expected = {}
    for seed, kind in enumerate(["words", "series", "graph"]):
        keras.utils.set_random_seed(seed)
        model = compiled(kind)
        for _ in range(2):
            step(model, kind)
        model.save(os.path.join(folder, kind + ".keras"))
        save_whole_hdf5(model, os.path.join(folder, kind + ".h5"))
        model.save_weights(os.path.join(folder, kind + ".weights.h5"))
        expected[kind] = {"before": predicted(model, kind)}
        step(model, kind)
        expected[kind]["after"] = predicted(model, kind)
    with open(os.path.join(folder, "expected.json"), "w") as file:
        json.dump(expected, file)


def steps(folder, file):
    after = {}
    for version in sorted(os.listdir(folder)):
        after[version] = {}
        for kind in ("words", "series", "graph"):
            path = os.path.join(folder, version, kind + ".keras")
            model = keras.saving.load_model(path)
            step(model, kind)
            after[version][kind] = predicted(model, kind)
    with open(file, "w") as to:
        json.dump(after, to, indent=1)


if len(sys.argv) == 4:
    steps(sys.argv[1], sys.argv[3])
else:
    main(sys.argv[1])

"""What callbacks decide, epoch by epoch, on the logs of the cases."""
import os
import tempfile

import keras
import numpy as np


def make(case, path):
    settings = case["settings"]
    name = case["class"]
    if name == "LearningRateScheduler":
        return keras.callbacks.LearningRateScheduler(
            lambda epoch, lr: float(lr / 2 if epoch % 3 == 2 else lr))
    kind = getattr(keras.callbacks, name)
    if name in ("ModelCheckpoint", "CSVLogger"):
        return kind(path, **settings)
    return kind(**settings)


def run(case, callback, model):
    """The learning rates that the epochs had; saved epochs by the way."""
    callback.set_model(model)
    callback.set_params({"epochs": case["epochs"], "verbose": 0})
    model.stop_training = False
    callback.on_train_begin()
    rates = []
    for epoch in range(case["epochs"]):
        callback.on_epoch_begin(epoch)
        rates.append(float(model.optimizer.learning_rate))
        callback.on_epoch_end(epoch, {
            name: float(case[name][epoch]) for name in ("loss", "val_loss")})
        if model.stop_training:
            break
    callback.on_train_end()
    return rates


def callback(case):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0), loss="mse")
    saved = []
    model.save = lambda path, overwrite: saved.append(
        int(os.path.basename(path)[:2]))
    with tempfile.TemporaryDirectory() as folder:
        csv = case["class"] == "CSVLogger"
        path = os.path.join(folder, "log.csv" if csv
                            else "{epoch:02d}.keras")
        watching = make(case, path)
        rates = run(case, watching, model)
        if csv:
            with open(path, "rb") as file:
                return {"decided": np.frombuffer(file.read(), np.uint8)}
    if case["class"] == "ModelCheckpoint":
        return {"decided": [0] + saved}
    if case["class"] != "EarlyStopping":
        return {"decided": rates + [float(model.optimizer.learning_rate)]}
    stopped = watching.stopped_epoch
    restores = case["settings"]["restore_best_weights"]
    return {"decided": [
        len(rates), stopped + 1 if stopped else 0, watching.best,
        watching.best_epoch + 1 if restores else -1]}


KINDS = {"callback": callback}

"""Models as files: those that elman saved, and those that elman has to load."""
import keras

from live_arrays import array


def step(model, x, y):
    model.run_eagerly = True
    return model.train_on_batch(x, y, return_dict=True)["loss"]


def file(case):
    """results(), with the model's own type as the default."""
    keras.config.set_floatx(case["floatx"])
    try:
        return results(case)
    finally:
        keras.config.set_floatx("float64")


def results(case):
    """Keras's results with the model in a file, and with the one it saves."""
    path, form = case["path"], case["format"]
    x, y = array(case, "x"), array(case, "y")
    if case["graph"]:
        x = [x, array(case, "h")]
    if form == "weights":
        with open(f"{path}.json") as config:
            model = keras.models.model_from_json(config.read())
        model.load_weights(f"{path}.weights.h5")
    else:
        model = keras.saving.load_model(f"{path}.{form}")
    found = {"prediction": model.predict_on_batch(x)}
    if form == "keras":
        found["loss"] = step(model, x, y)
    if form == "weights":
        model.save_weights(f"{path}-keras.weights.h5")
    else:
        model.save(f"{path}-keras.{form}")
    found["again"] = model.predict_on_batch(x)
    if form == "keras":
        # From the file: Keras leaves some numbers of its optimizers out of it.
        model = keras.saving.load_model(f"{path}-keras.keras")
        found["next_loss"] = step(model, x, y)
        found["after"] = model.predict_on_batch(x)
    return found


KINDS = {"file": file}

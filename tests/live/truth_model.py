"""Recurrent models in training."""
import keras

from live_arrays import array, arrays


def model(case):
    """Losses, predictions and weights of a few steps of training."""
    x, y = array(case, "x"), array(case, "y")
    network = keras.Sequential([
        keras.Input(x.shape[1:]),
        *[keras.layers.SimpleRNN(**a) for a in case["recurrent"]],
        keras.layers.Dense(**case["dense"]),
    ])
    network.set_weights(arrays(case, "weights"))
    optimizer = getattr(keras.optimizers, case["optimizer"])
    settings = {name: value if isinstance(value, bool) else float(value)
                for name, value in case["settings"].items()}
    network.compile(optimizer(**settings), case["loss"], run_eagerly=True)
    losses = [network.train_on_batch(x, y) for _ in range(case["steps"])]
    weights = {f"weight {i + 1}": w
               for i, w in enumerate(network.get_weights())}
    return {"losses": losses, "prediction": network.predict_on_batch(x),
            **weights}


KINDS = {"model": model}

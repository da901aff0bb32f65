"""Every optimizer with random settings."""
import keras
import tensorflow as tf

from live_arrays import array, arrays

WHOLE = {"ema_overwrite_frequency", "gradient_accumulation_steps", "ns_steps"}


def setting(name, value):
    if name in WHOLE:
        return int(value)
    if name == "learning_rate" and isinstance(value, dict):
        kind = getattr(keras.optimizers.schedules, value["class_name"])
        return kind(**value["config"])
    return value if isinstance(value, bool) else float(value)


def optimizer(case):
    """Losses, weights and the optimizer's variables after a few steps."""
    x, y = array(case, "x"), array(case, "y")
    constraint = None if case["constraint"] == "none" else case["constraint"]
    network = keras.Sequential([
        keras.Input(x.shape[1:]),
        keras.layers.SimpleRNN(case["units"], recurrent_constraint=constraint),
        keras.layers.Dense(case["outputs"], kernel_constraint=constraint),
    ])
    network.set_weights(arrays(case, "weights"))
    rule = getattr(keras.optimizers, case["optimizer"])(**{
        name: setting(name, value)
        for name, value in case["settings"].items()})
    if "excluded" in case:
        rule.exclude_from_weight_decay(var_names=[case["excluded"]])
    if case["scaled"]:
        rule = keras.optimizers.LossScaleOptimizer(
            rule, initial_scale=16.0, dynamic_growth_steps=2)
    # By hand: train_on_batch() takes three times as long.
    losses = []
    for _ in range(case["steps"]):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((network(x) - y)**2)
            scaled = rule.scale_loss(loss)
        variables = network.trainable_variables
        if not rule.built:
            rule.build(variables)
        rule.apply(tape.gradient(scaled, [v.value for v in variables]),
                   variables)
        losses.append(loss)
    kept = {f"variable {i + 1}": v.numpy()
            for i, v in enumerate(rule.variables)}
    weights = {f"weight {i + 1}": w
               for i, w in enumerate(network.get_weights())}
    return {"losses": losses, "count": len(kept), **kept, **weights}


KINDS = {"optimizer": optimizer}

"""Keras on the backend named by KERAS_BACKEND: the calls that its users make
(predict_on_batch, train_on_batch) and the fastest that the backend offers."""
import os

import keras
import numpy as np

from worker import Method, Server, losses_of, threads

BACKEND = os.environ["KERAS_BACKEND"]
LAYERS = {"simple": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM,
          "gru": keras.layers.GRU}


def model_of(cell, inputs, *layers):
    """The layer with the case's weights, and more layers behind it."""
    _, T, F = inputs["x"].shape
    rnn = LAYERS[cell](inputs["R"].shape[0])
    model = keras.Sequential([keras.Input((T, F)), rnn, *layers])
    rnn.set_weights([inputs[name] for name in "WRb"])
    return model


def training_model(cell, inputs):
    dense = keras.layers.Dense(1)
    model = model_of(cell, inputs, dense)
    dense.set_weights([inputs["D"], np.zeros(1, np.float32)])
    model.compile(keras.optimizers.Adam(1e-7), "mse")
    return model


def jax_forward(model, inputs):
    import jax

    # copies, as predict_on_batch gives its own away
    values = [jax.numpy.array(v) for v in model.trainable_variables]
    others = [jax.numpy.array(v) for v in model.non_trainable_variables]
    x = jax.numpy.array(inputs["x"])
    call = jax.jit(lambda values, x: model.stateless_call(
        values, others, x, training=False)[0])
    return lambda: jax.block_until_ready(call(values, x))


def tensorflow_forward(model, inputs):
    import tensorflow as tf

    x = tf.constant(inputs["x"])
    call = tf.function(lambda x: model(x, training=False), jit_compile=True)
    return lambda: call(x)


def torch_forward(model, inputs):
    import torch

    x = torch.from_numpy(inputs["x"])

    @torch.inference_mode()
    def run():
        return model(x, training=False)

    return run


class JaxTrainer:
    """Keras's own loss and Adam in one jitted step of pure functions."""

    def __init__(self, model, inputs):
        import jax

        self.jax = jax
        optimizer = model.optimizer
        optimizer.build(model.trainable_variables)
        values = [jax.numpy.array(v) for v in model.trainable_variables]
        others = [jax.numpy.array(v) for v in model.non_trainable_variables]
        self.x, self.y = (jax.numpy.array(inputs[n]) for n in ("x", "target"))

        def loss_of(values, x, y):
            prediction, _ = model.stateless_call(values, others, x,
                                                 training=True)
            return jax.numpy.mean((prediction - y) ** 2)

        def step(state, x, y):
            values, slots = state
            loss, gradients = jax.value_and_grad(loss_of)(values, x, y)
            return loss, optimizer.stateless_apply(slots, gradients, values)

        self.state = (values, [jax.numpy.array(v)
                               for v in optimizer.variables])
        self.train = jax.jit(step, donate_argnums=0)
        self.rate = [v.path for v in optimizer.variables].index(
            optimizer._learning_rate.path)

    def set_rate(self, rate):
        self.state[1][self.rate] = self.jax.numpy.float32(rate)

    def step(self):
        loss, self.state = self.train(self.state, self.x, self.y)
        return self.jax.block_until_ready(loss)


class TensorFlowTrainer:
    """model.train_step in one tf.function on tensors made beforehand."""

    def __init__(self, model, inputs):
        import tensorflow as tf

        self.model = model
        model.optimizer.build(model.trainable_variables)
        self.batch = tf.constant(inputs["x"]), tf.constant(inputs["target"])
        x, y = self.batch

        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
            variables = model.trainable_variables
            model.optimizer.apply(tape.gradient(loss, variables), variables)
            return loss

        self.train = tf.function(step, jit_compile=True)

    def set_rate(self, rate):
        self.model.optimizer.learning_rate = rate

    def step(self):
        return self.train()


class TorchTrainer:
    """The loss, its gradients and Keras's optimizer, without train_step."""

    def __init__(self, model, inputs):
        import torch

        self.torch, self.model = torch, model
        model.optimizer.build(model.trainable_variables)
        self.x, self.y = (torch.from_numpy(inputs[n]) for n in ("x", "target"))

    def set_rate(self, rate):
        self.model.optimizer.learning_rate = rate

    def step(self):
        variables = self.model.trainable_variables
        values = [v.value for v in variables]
        loss = ((self.model(self.x, training=True) - self.y) ** 2).mean()
        gradients = self.torch.autograd.grad(loss, values)
        with self.torch.no_grad():
            self.model.optimizer.apply(list(gradients), variables)
        return loss.item()


def open_case(cell, inputs):
    model = model_of(cell, inputs)
    x, y = inputs["x"], inputs["target"]
    trained = training_model(cell, inputs)
    fast_forward, Trainer = {
        "jax": (jax_forward, JaxTrainer),
        "tensorflow": (tensorflow_forward, TensorFlowTrainer),
        "torch": (torch_forward, TorchTrainer),
    }[BACKEND]
    trainer = Trainer(training_model(cell, inputs), inputs)

    def set_rate(rate):
        trained.optimizer.learning_rate = rate

    return {
        "forward.predict_on_batch": Method(
            lambda: model.predict_on_batch(x), lambda run: [run()]),
        "forward.fastest": Method(
            fast_forward(model, inputs), lambda run: [np.array(run())]),
        "train.train_on_batch": Method(
            lambda: trained.train_on_batch(x, y),
            lambda run: losses_of(run, set_rate)),
        "train.fastest": Method(
            trainer.step, lambda run: losses_of(run, trainer.set_rate)),
    }


def backend_version():
    if BACKEND == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads())
        tf.config.threading.set_inter_op_parallelism_threads(1)
        return f"tensorflow {tf.__version__}"
    if BACKEND == "torch":
        import torch

        torch.set_num_threads(threads())
        return f"torch {torch.__version__}"
    import jax

    return f"jax {jax.__version__}"


if __name__ == "__main__":
    Server({"jax": "Keras-JAX", "tensorflow": "Keras-TF",
            "torch": "Keras-torch"}[BACKEND],
           f"keras {keras.__version__}, {backend_version()}",
           list(LAYERS), open_case).serve()

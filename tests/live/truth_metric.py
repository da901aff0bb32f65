"""Metrics over several batches."""
import keras
import numpy as np
import tensorflow as tf

from live_arrays import array
from truth_loss import NAMES, find, masked

NAMES.update(auc="AUC", f1_score="F1Score", r2_score="R2Score",
             fbeta_score="FBetaScore",
             top_k_categorical_accuracy="TopKCategoricalAccuracy",
             sparse_top_k_categorical_accuracy="SparseTopKCategoricalAccuracy")


def metric(case):
    arguments = case.get("arguments") or {}
    made = find(keras.metrics, case["name"])(**arguments)
    found = {}
    for number, batch in enumerate(case["batches"], 1):
        x, weight = array(batch, "x"), array(batch, "sample_weight")
        if "top_k" in case["name"]:  # TensorFlow looks for them in float32 only
            x = tf.cast(x, "float32")
        if case["values"]:
            made.update_state(x, sample_weight=weight)
        else:
            made.update_state(array(batch, "y"), masked(x, batch),
                              sample_weight=weight)
        found[f"after batch {number}"] = np.asarray(made.result())
    return found


KINDS = {"metric": metric}

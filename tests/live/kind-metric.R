# Metrics with random arguments, weights and masks, over several batches.

draw_thresholds <- function() {
  sort(sample(63, draw_size(4))) / 64
}

count_settings <- function() {
  arguments <- if (draw_flag()) list(thresholds = draw_thresholds())
  list(what = "binary", flat = draw_flag(0.3), arguments = arguments)
}

share_settings <- function() {
  drawn <- count_settings()
  top <- draw_flag(0.4)
  if (top) {
    drawn$flat <- FALSE
    drawn$arguments$top_k <- draw_size(2)
  } else if (!drawn$flat && draw_flag(0.3)) {
    drawn$arguments$class_id <- draw_size(2) - 1L
  }
  drawn
}

rate_settings <- function(held) {
  drawn <- list(what = "binary", flat = draw_flag(0.5), arguments = list(
    num_thresholds = sample(c(1L, 5L, 200L), 1)
  ))
  drawn$arguments[[held]] <- sample(c(0.25, 0.5, 0.75), 1)
  if (!drawn$flat && draw_flag(0.3)) drawn$arguments$class_id <- 1L
  drawn
}

auc_settings <- function() {
  logits <- draw_flag(0.3)
  several <- draw_flag(0.4)
  arguments <- list(
    curve = sample(c("ROC", "PR", "PRGAIN"), 1),
    summation_method = sample(c("interpolation", "minoring", "majoring"), 1),
    from_logits = logits, multi_label = several
  )
  if (draw_flag(0.4)) {
    arguments$thresholds <- draw_thresholds()
  } else {
    arguments$num_thresholds <- sample(c(2L, 5L, 200L), 1)
  }
  flat <- !several && draw_flag(0.4)
  list(what = if (logits) "binary_logits" else "binary", flat = flat,
       weights_labels = !flat && draw_flag(0.4), arguments = arguments)
}

score_settings <- function() {
  average <- sample(c("none", "micro", "macro", "weighted"), 1)
  list(what = sample(c("one_hot", "binary"), 1), matrix = TRUE, arguments = c(
    if (average != "none") list(average = average),
    if (draw_flag()) list(threshold = 0.375)
  ))
}

mean_of <- function(name) {
  function() c(loss_settings[[name]](), list(masks = TRUE))
}

# The metrics that are means of losses, with the arguments that they share.
metric_settings <- c(
  sapply(setdiff(names(loss_settings), c(
    "huber", "log_cosh", "dice", "tversky", "binary_focal_crossentropy",
    "categorical_focal_crossentropy", "categorical_generalized_cross_entropy"
  )), mean_of),
  list(
    log_cosh_error = function() list(what = "real", masks = TRUE),
    root_mean_squared_error = function() list(what = "real"),
    binary_accuracy = function() {
      list(what = "binary", masks = TRUE,
           arguments = list(threshold = sample(c(0.25, 0.5), 1)))
    },
    categorical_accuracy = function() list(what = "one_hot", masks = TRUE),
    sparse_categorical_accuracy = function() {
      list(what = "numbers", masks = TRUE)
    },
    top_k_categorical_accuracy = function() {
      list(what = "one_hot", masks = TRUE, arguments = list(k = draw_size(6)))
    },
    sparse_top_k_categorical_accuracy = function() {
      list(what = "numbers", masks = TRUE, arguments = list(k = draw_size(6)))
    },
    pearson_correlation = function() list(what = "real", masks = TRUE),
    concordance_correlation = function() list(what = "real", masks = TRUE),
    r2_score = function() {
      list(what = "real", matrix = TRUE, arguments = list(
        class_aggregation = sample(c("uniform_average",
                                     "variance_weighted_average"), 1),
        num_regressors = sample(0:1, 1)
      ))
    },
    f1_score = score_settings,
    fbeta_score = function() {
      drawn <- score_settings()
      drawn$arguments$beta <- sample(c(0.5, 1.5), 1)
      drawn
    },
    true_positives = count_settings, false_positives = count_settings,
    true_negatives = count_settings, false_negatives = count_settings,
    precision = share_settings, recall = share_settings,
    sensitivity_at_specificity = function() rate_settings("specificity"),
    specificity_at_sensitivity = function() rate_settings("sensitivity"),
    precision_at_recall = function() rate_settings("recall"),
    recall_at_precision = function() rate_settings("precision"),
    auc = auc_settings,
    mean = function() list(what = "real", values = TRUE),
    sum = function() list(what = "real", values = TRUE)
  )
)

draw_metric_batch <- function(drawn, inner, weighted) {
  shape <- c(1L + draw_size(6), inner)
  pair <- draw_pair(drawn$what, shape)
  masked <- isTRUE(drawn$masks) && length(shape) == 3 && draw_flag()
  list(
    y = pair$y, x = pair$x, mask = if (masked) draw_loss_mask(shape),
    sample_weight = if (weighted) {
      # Keras joins weights and masks of as many axes only; an ignored class is
      # a mask.
      per_step <- masked || !is.null(drawn$arguments$ignore_class) ||
        isTRUE(drawn$masks) && draw_flag()
      if (per_step) draw_weight(shape) else draw_share(shape[1]) * 2
    }
  )
}

next_metric <- in_turn(names(metric_settings))

draw_metric <- function() {
  name <- next_metric()
  drawn <- metric_settings[[name]]()
  two <- isTRUE(drawn$matrix) || name %in% c("auc", "precision", "recall") ||
    grepl("_at_|tives$|^root", name)
  inner <- if (isTRUE(drawn$flat)) integer() else
    draw_data_shape()[-1]
  if (two && length(inner) > 1) inner <- inner[2]
  if (isTRUE(drawn$weights_labels)) {
    drawn$arguments$label_weights <- as.vector(draw_share(inner) * 2)
  }
  weighted <- draw_flag(0.4)
  batches <- lapply(seq_len(draw_size(3)), function(i) {
    draw_metric_batch(drawn, inner, weighted)
  })
  arguments <- drawn$arguments
  # Lists stay lists of one number.
  for (each in intersect(names(arguments), c("thresholds", "label_weights"))) {
    arguments[[each]] <- I(arguments[[each]])
  }
  list(name = name, arguments = arguments, values = isTRUE(drawn$values),
       batches = lapply(batches, function(b) Filter(Negate(is.null), b)))
}

metric_results <- function(case) {
  make <- getExportedValue("elman", paste0("metric_", case$name))
  arguments <- lapply(case$arguments, function(a) {
    if (inherits(a, "AsIs")) unclass(a) else a
  })
  metric <- do.call(make, arguments)
  steps <- lapply(case$batches, function(batch) {
    if (case$values) {
      metric$update_state(batch$x, batch$sample_weight)
    } else {
      metric$update_state(batch$y, with_mask(as_tensor(batch$x), batch$mask),
                          batch$sample_weight)
    }
    as.numeric(metric$result())
  })
  stats::setNames(steps, paste("after batch", seq_along(steps)))
}

live_kinds$metric <- list(
  count = 20 * length(metric_settings), draw = draw_metric,
  answer = metric_results
)

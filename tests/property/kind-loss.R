# Losses and metrics with any arguments, weights, masks and reductions, against
# their formulas in plain R. The cases are those that Keras is asked about.

clip <- function(p) pmin(pmax(p, 1e-7), 1 - 1e-7)
rows_of_last <- function(x, f) {
  d <- dim(x)
  array(f(matrix(x, ncol = d[length(d)])), d[-length(d)])
}
logistic <- function(x) 1 / (1 + exp(-x))
smoothed <- function(y, a, k) {
  s <- if (is.null(a$label_smoothing)) 0 else a$label_smoothing
  y * (1 - s) + s / k
}
probabilities <- function(p, a) {
  if (!isTRUE(a$from_logits)) return(p)
  e <- exp(p - apply(p, 1, max))
  e / rowSums(e)
}
signed <- function(y) if (any(y == -1)) y else 2 * y - 1
binary_error <- function(y, p) -(y * log(p) + (1 - y) * log(1 - p))

# Of matrices of targets and predictions, a row's error.
loss_rows <- list(
  mean_squared_error = function(y, p, a) rowMeans((y - p)^2),
  mean_absolute_error = function(y, p, a) rowMeans(abs(y - p)),
  mean_absolute_percentage_error = function(y, p, a) {
    100 * rowMeans(abs((y - p) / pmax(abs(y), 1e-7)))
  },
  mean_squared_logarithmic_error = function(y, p, a) {
    rowMeans((log(pmax(p, 1e-7) + 1) - log(pmax(y, 1e-7) + 1))^2)
  },
  huber = function(y, p, a) {
    e <- abs(y - p)
    rowMeans(ifelse(e <= a$delta, e^2 / 2, a$delta * e - a$delta^2 / 2))
  },
  log_cosh = function(y, p, a) rowMeans(log(cosh(p - y))),
  cosine_similarity = function(y, p, a) {
    unit <- function(x) x / sqrt(pmax(rowSums(x^2), 1e-12))
    -rowSums(unit(y) * unit(p))
  },
  kl_divergence = function(y, p, a) {
    y <- pmin(pmax(y, 1e-7), 1)
    p <- pmin(pmax(p, 1e-7), 1)
    rowSums(y * log(y / p))
  },
  poisson = function(y, p, a) rowMeans(p - y * log(p + 1e-7)),
  categorical_hinge = function(y, p, a) {
    pmax(apply((1 - y) * p, 1, max) - rowSums(y * p) + 1, 0)
  },
  binary_crossentropy = function(y, p, a) {
    p <- if (a$from_logits) logistic(p) else clip(p)
    rowMeans(binary_error(smoothed(y, a, 2), p))
  },
  categorical_crossentropy = function(y, p, a) {
    p <- probabilities(p, a)
    if (!isTRUE(a$from_logits)) p <- clip(p / rowSums(p))
    -rowSums(smoothed(y, a, ncol(y)) * log(p))
  },
  binary_focal_crossentropy = function(y, p, a) {
    y <- smoothed(y, a, 2)
    p <- clip(if (a$from_logits) logistic(p) else p)
    focal <- (1 - (y * p + (1 - y) * (1 - p)))^a$gamma
    balance <- if (a$apply_class_balancing) {
      y * a$alpha + (1 - y) * (1 - a$alpha)
    } else {
      1
    }
    rowMeans(balance * focal * binary_error(y, p))
  },
  categorical_focal_crossentropy = function(y, p, a) {
    p <- probabilities(p, a)
    p <- clip(p / rowSums(p))
    rowSums(-smoothed(y, a, ncol(y)) * log(p) * a$alpha * (1 - p)^a$gamma)
  }
)
hinge_rows <- function(power) {
  function(y, p, a) rowMeans(pmax(1 - y * p, 0)^power)
}

# The errors of all rows; NULL where there is no formula here.
loss_values <- function(name, y, p, a) {
  if (name == "sparse_categorical_crossentropy") {
    return(sparse_values(y, p, a))
  }
  f <- loss_rows[[name]]
  if (name %in% c("hinge", "squared_hinge")) {
    y[] <- signed(y)
    f <- hinge_rows(if (name == "hinge") 1 else 2)
  }
  if (is.null(f)) return(NULL)
  d <- dim(p)
  n <- d[length(d)]
  array(f(matrix(y, ncol = n), matrix(p, ncol = n), a), d[-length(d)])
}

sparse_values <- function(y, p, a) {
  d <- dim(p)
  p <- matrix(p, ncol = d[length(d)])
  if (isTRUE(a$from_logits)) {
    p <- probabilities(p, a)
  } else {
    p <- clip(p)
    p <- p / rowSums(p)
  }
  y <- as.vector(y)
  value <- -log(p[cbind(seq_along(y), y + 1)])
  if (!is.null(a$ignore_class)) value[y == a$ignore_class] <- 0
  array(value, d[-length(d)])
}

# Losses of rows, weighted and masked, as one number or as they are.
reduced_loss <- function(value, case) {
  total <- length(value)
  w <- if (is.null(case$sample_weight)) 1 else
    as.vector(spread(case$sample_weight, dim(value)))
  mask <- NULL
  if (!is.null(case$mask)) mask <- as.vector(case$mask)
  if (!is.null(mask)) {
    if (case$reduction %in% c("sum_over_batch_size", "mean")) {
      mask <- mask * total / (sum(mask) + 1e-7)
    }
    w <- w * mask
  }
  weighted <- as.vector(value) * w
  switch(case$reduction, none = array(weighted, dim(value)),
         sum = sum(weighted), sum_over_batch_size = ,
         mean = sum(weighted) / total,
         mean_with_sample_weight = {
           # As Keras has it: the weights as they came, not one for each value.
           w <- if (is.null(mask) && !is.null(case$sample_weight)) {
             case$sample_weight
           } else {
             rep_len(w, total)
           }
           if (sum(w) == 0) 0 else sum(weighted) / sum(w)
         })
}

in_floatx <- function(dtype, code) {
  old <- config_floatx()
  config_set_floatx(dtype)
  on.exit(config_set_floatx(old))
  code
}

run_loss <- function(describe) {
  case <- live$draw_loss()
  dtype <- if (chance(0.5)) "float32" else "float64"
  describe(paste(show_call(paste0("loss_", case$name),
                           c(case$arguments, reduction = case$reduction)),
                 show_shape(case$y), show_shape(case$x), dtype))
  got <- in_floatx(dtype, value_of(live$loss_results(case)))
  if (anyNA(got$value) || anyNA(got$slope)) complain("numbers give NaN")
  value <- loss_values(case$name, case$y, case$x, case$arguments)
  if (is.null(value) || !is.null(case$arguments$ignore_class)) return()
  tolerance <- if (dtype == "float32") 2e-4 else 1e-6
  must_agree(got$value, reduced_loss(value, case), tolerance, "the loss")
}

# ---- metrics -----------------------------------------------------------------

hits <- function(p, threshold) p > threshold
metric_rows <- c(
  loss_rows[c("mean_squared_error", "mean_absolute_error",
              "mean_absolute_percentage_error", "poisson",
              "mean_squared_logarithmic_error", "kl_divergence",
              "categorical_hinge", "binary_crossentropy",
              "categorical_crossentropy")],
  list(
    log_cosh_error = loss_rows$log_cosh,
    cosine_similarity = function(y, p, a) -loss_rows$cosine_similarity(y, p, a),
    binary_accuracy = function(y, p, a) {
      rowMeans(y == hits(p, a$threshold))
    },
    categorical_accuracy = function(y, p, a) {
      max.col(y, "first") == max.col(p, "first")
    }
  )
)

confusion_total <- function(name, y, p, w, a) {
  at <- if (is.null(a$thresholds)) 0.5 else as.vector(a$thresholds)
  vapply(at, function(t) {
    said <- p > t
    sum(w * switch(name, true_positives = said & y == 1,
                   false_positives = said & y == 0,
                   true_negatives = !said & y == 0,
                   false_negatives = !said & y == 1))
  }, 1)
}

# The sum and the weight of a batch.
batch_sums <- function(name, batch, a) {
  if (name %in% c("mean", "sum")) {
    d <- dim(batch$x)
    if (!is.null(batch$sample_weight)) return(NULL)
    return(c(sum(batch$x), length(batch$x)))
  }
  f <- metric_rows[[name]]
  if (is.null(f)) return(NULL)
  d <- dim(batch$x)
  n <- d[length(d)]
  value <- f(matrix(batch$y, ncol = n), matrix(batch$x, ncol = n), a)
  w <- batch$sample_weight
  lead <- d[-length(d)]
  w <- if (is.null(w)) rep(1, prod(lead)) else
    as.vector(spread(array(w, c(dim(w), rep(1, length(lead) - length(dim(w))))),
                     lead))
  if (!is.null(batch$mask)) w <- w * as.vector(batch$mask)
  c(sum(value * w), sum(w))
}

run_metric <- function(describe) {
  case <- live$draw_metric()
  describe(paste(show_call(paste0("metric_", case$name), case$arguments),
                 paste(vapply(case$batches, function(b) show_shape(b$x), ""),
                       collapse = " ")))
  got <- in_floatx("float64", value_of(live$metric_results(case)))
  counts <- grepl("^(true|false)_", case$name)
  total <- 0
  for (k in seq_along(case$batches)) {
    batch <- case$batches[[k]]
    if (anyNA(got[[k]])) complain("numbers give NaN")
    if (counts) {
      w <- if (is.null(batch$sample_weight)) 1 else
        rep_len(as.vector(batch$sample_weight), length(batch$x))
      total <- total + confusion_total(case$name, batch$y, batch$x, w,
                                       case$arguments)
      must_agree(got[[k]], total, 1e-6, "the count")
      next
    }
    sums <- batch_sums(case$name, batch, case$arguments)
    if (is.null(sums)) next
    total <- total + sums
    want <- if (case$name == "sum") total[1] else
      if (total[2] == 0) 0 else total[1] / total[2]
    must_agree(got[[k]], want, 1e-6, "the metric")
  }
}

property_kinds$loss <- list(share = 2, run = run_loss)
property_kinds$metric <- list(share = 2, run = run_metric)

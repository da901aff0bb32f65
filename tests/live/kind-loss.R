# Losses with random arguments, weights, masks and reductions: value and
# gradient.

draw_real <- function(shape) draw_array(shape)

draw_share <- function(shape) {
  array(sample(1023, prod(shape), replace = TRUE) / 1024, shape)
}

draw_binary <- function(shape) {
  array(as.double(runif(prod(shape)) < 0.5), shape)
}

draw_class_numbers <- function(shape) {
  lead <- shape[-length(shape)]
  array(sample(shape[length(shape)], prod(lead), replace = TRUE) - 1, lead)
}

draw_one_hot <- function(shape) {
  classes <- shape[length(shape)]
  ids <- as.vector(draw_class_numbers(shape))
  array(diag(classes)[ids + 1, ], shape)
}

# Targets and predictions, by what a loss or metric is made for.
draw_pair <- function(what, shape) {
  switch(what,
    real = list(y = draw_real(shape), x = draw_real(shape)),
    positive = list(y = draw_share(shape) * 4, x = draw_share(shape) * 4),
    shares = list(y = draw_share(shape), x = draw_share(shape)),
    signs = list(
      y = if (draw_flag()) draw_binary(shape) else 2 * draw_binary(shape) - 1,
      x = draw_real(shape)
    ),
    binary = list(y = draw_binary(shape), x = draw_share(shape)),
    binary_logits = list(y = draw_binary(shape), x = draw_real(shape)),
    one_hot = list(y = draw_one_hot(shape), x = draw_share(shape)),
    one_hot_logits = list(y = draw_one_hot(shape), x = draw_real(shape)),
    numbers = list(y = draw_class_numbers(shape), x = draw_share(shape)),
    numbers_logits = list(y = draw_class_numbers(shape), x = draw_real(shape))
  )
}

draw_smoothing <- function() sample(c(0, 0.125), 1)

crossentropy_arguments <- function(kind) {
  logits <- draw_flag()
  arguments <- list(from_logits = logits)
  if (kind != "numbers") {
    arguments$label_smoothing <- draw_smoothing()
  } else if (draw_flag(0.3)) {
    arguments$ignore_class <- 0
  }
  list(what = if (logits) paste0(kind, "_logits") else kind,
       arguments = arguments)
}

# What each loss is made for, and arguments of it.
loss_settings <- list(
  mean_squared_error = function() list(what = "real"),
  mean_absolute_error = function() list(what = "real"),
  mean_absolute_percentage_error = function() list(what = "real"),
  mean_squared_logarithmic_error = function() list(what = "positive"),
  huber = function() {
    list(what = "real", arguments = list(delta = sample(c(0.5, 1, 2), 1)))
  },
  log_cosh = function() list(what = "real"),
  cosine_similarity = function() list(what = "real"),
  kl_divergence = function() list(what = "shares"),
  poisson = function() list(what = "positive"),
  hinge = function() list(what = "signs"),
  squared_hinge = function() list(what = "signs"),
  categorical_hinge = function() list(what = "one_hot"),
  binary_crossentropy = function() crossentropy_arguments("binary"),
  categorical_crossentropy = function() crossentropy_arguments("one_hot"),
  sparse_categorical_crossentropy =
    function() crossentropy_arguments("numbers"),
  binary_focal_crossentropy = function() {
    drawn <- crossentropy_arguments("binary")
    drawn$arguments <- c(drawn$arguments, list(
      apply_class_balancing = draw_flag(), alpha = 0.375,
      gamma = sample(c(0.5, 2, 3), 1)
    ))
    drawn
  },
  categorical_focal_crossentropy = function() {
    drawn <- crossentropy_arguments("one_hot")
    drawn$arguments <- c(drawn$arguments, list(
      alpha = 0.375, gamma = sample(c(0.5, 2, 3), 1)
    ))
    drawn
  },
  categorical_generalized_cross_entropy = function() {
    list(what = "numbers",
         arguments = list(q = sample(c(0.25, 0.5, 0.75), 1)))
  },
  dice = function() list(what = "binary", batch = TRUE),
  tversky = function() {
    list(what = "binary", batch = TRUE,
         arguments = list(alpha = 0.25, beta = 0.75))
  }
)

# [batch, classes] or [batch, time, classes].
draw_data_shape <- function() {
  c(draw_size(6), if (draw_flag(0.4)) draw_size(4), 1L + draw_size(5))
}

# Keras multiplies losses by weights with as many axes only.
draw_weight <- function(shape, whole = FALSE) {
  lead <- if (whole) shape[1] else shape[-length(shape)]
  if (length(lead) > 1 && draw_flag(0.3)) lead[2] <- 1
  draw_share(lead) * 2
}

# At least one step of a mask is valid.
draw_loss_mask <- function(shape) {
  mask <- draw_binary(shape[1:2])
  mask[1] <- 1
  mask
}

next_loss <- in_turn(names(loss_settings))

draw_loss <- function() {
  name <- next_loss()
  drawn <- loss_settings[[name]]()
  shape <- draw_data_shape()
  whole <- isTRUE(drawn$batch) && draw_flag()
  if (isTRUE(drawn$batch) && !whole) drawn$arguments$axis <- -1L
  masked <- length(shape) == 3 && !whole && draw_flag(0.4)
  weighted <- draw_flag(0.4)
  pair <- draw_pair(drawn$what, shape)
  list(
    name = name, arguments = drawn$arguments,
    reduction = sample(c("sum_over_batch_size", "mean", "sum",
                         "mean_with_sample_weight", "none"), 1),
    y = pair$y, x = pair$x,
    mask = if (masked) draw_loss_mask(shape),
    sample_weight = if (weighted) draw_weight(shape, whole)
  )
}

with_mask <- function(x, mask) {
  if (is.null(mask)) return(x)
  elman:::set_mask(x, as_tensor(mask != 0))
}

loss_results <- function(case) {
  make <- getExportedValue("elman", paste0("loss_", case$name))
  loss <- do.call(make, c(case$arguments, list(reduction = case$reduction)))
  y <- as_tensor(case$y)
  value <- NULL
  slopes <- value_and_grad(function(x) {
    value <<- loss(y, with_mask(x, case$mask), case$sample_weight)
    op_sum(value)
  })(case$x)
  list(value = as.array(value), slope = as.array(slopes$gradients[[1]]))
}

live_kinds$loss <- list(
  count = 20 * length(loss_settings), draw = draw_loss, answer = loss_results
)

# Every optimizer with random settings: weights and the optimizer's own
# variables after some steps of a small recurrent model.

# TensorFlow rounds constants to float32: these it cannot.
draw_binary_share <- function() sample(c(0.5, 0.75, 0.875, 0.96875), 1)
draw_small <- function() 2^-sample(8:20, 1)

optimizer_classes <- c(
  SGD = "sgd", RMSprop = "rmsprop", Adam = "adam", AdamW = "adam_w",
  Nadam = "nadam", Adamax = "adamax", Adagrad = "adagrad",
  Adadelta = "adadelta", Adafactor = "adafactor", Ftrl = "ftrl",
  Lamb = "lamb", Lion = "lion", Muon = "muon"
)

draw_betas <- function() {
  list(beta_1 = draw_binary_share(), beta_2 = draw_binary_share(),
       epsilon = draw_small())
}

draw_rule <- function(class) {
  switch(class,
    SGD = {
      momentum <- sample(c(0, 0.875), 1)
      list(momentum = momentum, nesterov = momentum > 0 && draw_flag())
    },
    RMSprop = list(
      rho = draw_binary_share(), momentum = sample(c(0, 0.5), 1),
      epsilon = draw_small(), centered = draw_flag()
    ),
    Adam = ,
    AdamW = c(draw_betas(), amsgrad = draw_flag()),
    Nadam = ,
    Adamax = ,
    Lamb = draw_betas(),
    Adagrad = list(
      initial_accumulator_value = draw_small(), epsilon = draw_small()
    ),
    Adadelta = list(rho = draw_binary_share(), epsilon = draw_small()),
    Adafactor = list(
      beta_2_decay = -sample(c(0.5, 0.75), 1), epsilon_1 = 2^-60,
      epsilon_2 = draw_small(), clip_threshold = sample(c(0.5, 1, 2), 1),
      relative_step = draw_flag()
    ),
    Ftrl = list(
      learning_rate_power = -sample(c(0.5, 0.75), 1),
      initial_accumulator_value = 0.125,
      l1_regularization_strength = draw_small(),
      l2_regularization_strength = draw_small(),
      l2_shrinkage_regularization_strength = draw_small(),
      beta = sample(c(0, 0.25), 1)
    ),
    Lion = list(beta_1 = draw_binary_share(), beta_2 = draw_binary_share()),
    Muon = list(
      adam_beta_1 = draw_binary_share(), adam_beta_2 = draw_binary_share(),
      epsilon = draw_small(), muon_a = 3.4375, muon_b = -4.75, muon_c = 2.03125,
      adam_lr_ratio = 0.5, momentum = draw_binary_share(),
      ns_steps = draw_size(4), nesterov = draw_flag(),
      adam_weight_decay = 0.0625, rms_rate = 0.25
    )
  )
}

draw_schedule <- function() {
  rate <- 0.0625
  config <- switch(sample(6, 1),
    list("ExponentialDecay", decay_steps = 2L, decay_rate = 0.5),
    list("InverseTimeDecay", decay_steps = 2L, decay_rate = 0.5,
         staircase = TRUE),
    list("PolynomialDecay", decay_steps = 3L, end_learning_rate = 0.015625,
         power = 2, cycle = draw_flag()),
    list("CosineDecay", decay_steps = 3L, alpha = 0.125, warmup_target = 0.125,
         warmup_steps = 2L),
    list("CosineDecayRestarts", first_decay_steps = 2L, t_mul = draw_size(2),
         m_mul = 0.5, alpha = 0.125),
    list("PiecewiseConstantDecay", boundaries = c(1L, 3L),
         values = c(0.0625, 0.03125, 0.0078125))
  )
  class <- config[[1]]
  config <- config[-1]
  if (class != "PiecewiseConstantDecay") {
    config <- c(list(initial_learning_rate = rate), config)
  }
  list(module = "keras.optimizers.schedules", class_name = class,
       config = config, registered_name = class)
}

draw_shared <- function(class) {
  averaging <- draw_flag(0.4)
  clip <- sample(c("none", "clipnorm", "clipvalue", "global_clipnorm"), 1)
  c(
    # Keras's Muon fails with a schedule in float64.
    list(learning_rate = if (class != "Muon" && draw_flag(0.3)) draw_schedule()
         else 0.03125),
    if (class %in% c("AdamW", "Muon") || draw_flag()) {
      list(weight_decay = 0.125)
    },
    if (clip != "none") stats::setNames(list(2^-sample(1:5, 1)), clip),
    if (averaging) {
      c(list(use_ema = TRUE, ema_momentum = draw_binary_share()),
        if (draw_flag()) list(ema_overwrite_frequency = draw_size(3)))
    },
    if (draw_flag(0.3)) list(loss_scale_factor = 8),
    if (draw_flag(0.3)) list(gradient_accumulation_steps = draw_size(2) + 1)
  )
}

next_optimizer <- in_turn(names(optimizer_classes))

draw_optimizer <- function() {
  class <- next_optimizer()
  batch <- draw_size(4)
  time <- draw_size(4)
  features <- draw_size(4)
  units <- draw_size(5)
  outputs <- draw_size(3)
  list(
    optimizer = class, settings = c(draw_shared(class), draw_rule(class)),
    scaled = draw_flag(0.2), excluded = if (draw_flag(0.3)) "bias",
    constraint = sample(c("none", "non_neg", "max_norm", "unit_norm"), 1),
    units = units, outputs = outputs,
    weights = c(
      draw_rnn_weights(features, units, TRUE),
      draw_dense_weights(units, outputs, TRUE)
    ),
    steps = 5L, x = draw_array(batch, time, features),
    y = draw_array(batch, outputs)
  )
}

optimizer_results <- function(case) {
  constraint <- if (case$constraint != "none") case$constraint
  model <- keras_model_sequential(input_shape = dim(case$x)[-1]) |>
    layer_simple_rnn(case$units, recurrent_constraint = constraint) |>
    layer_dense(case$outputs, kernel_constraint = constraint)
  set_weights(model, case$weights)
  make <- getExportedValue(
    "elman", paste0("optimizer_", optimizer_classes[[case$optimizer]])
  )
  optimizer <- do.call(make, case$settings)
  if (!is.null(case$excluded)) {
    optimizer$exclude_from_weight_decay(var_names = case$excluded)
  }
  if (case$scaled) {
    optimizer <- optimizer_loss_scale(optimizer, 16, dynamic_growth_steps = 2)
  }
  compile(model, optimizer = optimizer, loss = "mse")
  losses <- vapply(seq_len(case$steps), function(i) {
    as.numeric(train_on_batch(model, case$x, case$y))
  }, 0)
  kept <- lapply(optimizer$variables, as.array)
  names(kept) <- paste("variable", seq_along(kept))
  weights <- get_weights(model)
  names(weights) <- paste("weight", seq_along(weights))
  c(list(losses = losses, count = length(kept)), kept, weights)
}

# Nadam's 0.96 is one of those constants, and so is the root of Muon's size;
# schedules are worked out in float32.
live_kinds$optimizer <- list(
  count = 20 * length(optimizer_classes), draw = draw_optimizer,
  answer = optimizer_results,
  tolerance = function(case) {
    rounded <- case$optimizer %in% c("Nadam", "Muon") ||
      is.list(case$settings$learning_rate)
    if (rounded) 1e-6 else 1e-8
  }
)

# What callbacks decide, epoch by epoch, on random logs.

draw_callback <- function() {
  class <- sample(c("EarlyStopping", "ReduceLROnPlateau", "ModelCheckpoint",
                    "CSVLogger", "LearningRateScheduler"), 1)
  epochs <- if (class == "ModelCheckpoint") 4L else 12L
  # Few values, so that some are equal; a drift, so that some are better.
  values <- function() {
    drift <- seq_len(epochs) * runif(1, -0.3, 0.3)
    # Adding 0 leaves no -0.
    round(4 * (rnorm(epochs) - drift)) / 8 + 0
  }
  settings <- switch(class,
    EarlyStopping = list(
      patience = sample(0:3, 1), min_delta = sample(c(0, 0.125, 0.5, -0.25), 1),
      start_from_epoch = sample(0:3, 1), restore_best_weights = draw_flag(),
      baseline = if (draw_flag(0.3)) sample(c(-0.5, 0, 0.5), 1)
    ),
    ReduceLROnPlateau = list(
      patience = sample(0:2, 1), min_delta = sample(c(0, 0.125, 0.5), 1),
      factor = sample(c(0.25, 0.5), 1), cooldown = sample(0:2, 1),
      min_lr = sample(c(0, 0.125, 0.375), 1)
    ),
    ModelCheckpoint = list(
      save_best_only = draw_flag(0.8),
      initial_value_threshold = if (draw_flag(0.4)) sample(c(-0.25, 0.25), 1)
    ),
    CSVLogger = list(separator = sample(c(",", ";"), 1)),
    LearningRateScheduler = list()
  )
  watched <- if (class %in% c("CSVLogger", "LearningRateScheduler")) list() else
    list(monitor = sample(c("val_loss", "loss"), 1),
         mode = sample(c("auto", "min", "max"), 1))
  list(class = class, epochs = epochs, loss = I(values()),
       val_loss = I(values()), settings = Filter(Negate(is.null),
                                                 c(watched, settings)))
}

callback_results <- function(case) {
  folder <- tempfile()
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  file <- file.path(folder, if (case$class == "CSVLogger") "log.csv" else
    "{epoch:02d}.keras")
  watching <- switch(case$class,
    EarlyStopping = do.call(callback_early_stopping, case$settings),
    ReduceLROnPlateau = do.call(callback_reduce_lr_on_plateau, case$settings),
    ModelCheckpoint = do.call(callback_model_checkpoint,
                              c(file, case$settings)),
    CSVLogger = do.call(callback_csv_logger, c(file, case$settings)),
    LearningRateScheduler = callback_learning_rate_scheduler(
      function(epoch, lr) if (epoch %% 3 == 2) lr / 2 else lr
    )
  )
  rates <- numeric()
  logs <- callback_lambda(on_epoch_end = function(epoch, logs) {
    rates <<- c(rates, model$optimizer$learning_rate)
    list(loss = case$loss[epoch], val_loss = case$val_loss[epoch])
  })
  model <- keras_model_sequential(input_shape = 1) |> layer_dense(1)
  compile(model, optimizer_sgd(1), loss = "mse")
  fit(model, matrix(0), 0, epochs = case$epochs, verbose = 0,
      callbacks = list(logs, watching))
  switch(case$class,
    EarlyStopping = list(decided = c(
      length(rates), watching$stopped_epoch, watching$best,
      if (case$settings$restore_best_weights) watching$best_epoch else -1
    )),
    ModelCheckpoint = list(
      decided = c(0, as.integer(sub(".keras", "", dir(folder))))
    ),
    CSVLogger = list(decided = utf8ToInt(readChar(file, file.size(file)))),
    list(decided = c(rates, model$optimizer$learning_rate))
  )
}

live_kinds$callback <- list(
  count = 60, draw = draw_callback, answer = callback_results
)

# Dies by an error at the n-th event of its kind.
dying <- function(event, n) at_event(event, n, function() stop("killed"))

# What a run gives that is stopped at these events, one after the other, and
# begun again. `deaths` are numbers by event.
resumed_run <- function(deaths, save_freq, ...) {
  folder <- withr::local_tempfile()
  for (k in seq_along(deaths)) {
    death <- dying(names(deaths)[k], deaths[[k]])
    expect_error(watched_run(folder, death, save_freq, ...), "failed in",
                 class = "elman_error_callback")
  }
  watched_run(folder, NULL, save_freq, ...)
}

test_that("a run that was stopped ends with the same bits", {
  whole <- watched_run()
  deaths <- c(on_train_batch_end = 6, on_test_begin = 1,
              on_train_batch_begin = 3)
  expect_identical(resumed_run(deaths, "epoch"), whole)
  expect_identical(resumed_run(deaths, 1), whole)
  expect_identical(resumed_run(deaths, 3), whole)
  # Stopped after all is done, but for the end.
  expect_identical(resumed_run(c(on_train_end = 1), "epoch"), whole)
})

test_that("states of stateful layers are part of it", {
  whole <- watched_run(stateful = TRUE)
  deaths <- c(on_train_batch_end = 7)
  for (save_freq in list("epoch", 2)) {
    expect_identical(resumed_run(deaths, save_freq, stateful = TRUE), whole)
  }
})

test_that("schedules, averages and gathered gradients are part of it", {
  make <- function() {
    optimizer_adam(learning_rate_schedule_exponential_decay(0.1, 5, 0.5),
                   use_ema = TRUE, ema_momentum = 0.5,
                   gradient_accumulation_steps = 2)
  }
  run <- function(folder = NULL, death = NULL) {
    set.seed(4)
    data <- series_data(24)
    model <- compiled_model(make())
    backup <- if (!is.null(folder)) callback_backup_and_restore(folder, 1)
    fit(model, data$x, data$y, batch_size = 5, epochs = 3,
        callbacks = list(backup, death))
    list(weight_bits(model), lapply(model$optimizer$variables, as.array))
  }
  folder <- withr::local_tempfile()
  for (n in c(3, 4, 7)) {
    expect_error(run(folder, dying("on_train_batch_end", n)), "failed")
  }
  whole <- run()
  expect_identical(run(folder), whole)
  # fit() ends with the averages as weights.
  averages <- whole[[2]][2:6]
  expect_identical(unlist(lapply(averages, as.vector)), whole[[1]])
})

test_that("epochs of so many steps go on in the pass that they were in", {
  run <- function(folder = NULL, death = NULL) {
    set.seed(4)
    data <- series_data(24)
    model <- compiled_model(metrics = "mae")
    backup <- if (!is.null(folder)) callback_backup_and_restore(folder, 2)
    history <- suppressWarnings(fit(
      model, data$x, data$y, batch_size = 5, steps_per_epoch = 3, epochs = 5,
      callbacks = list(backup, death)
    ), "elman_warning_data")
    list(weight_bits(model), history$metrics)
  }
  folder <- withr::local_tempfile()
  expect_error(run(folder, dying("on_train_batch_end", 9)), "failed")
  expect_identical(run(folder), run())
})

test_that("models with steps and metrics of their own go on", {
  model_own <- Model(
    "Own",
    initialize = function() {
      super$initialize()
      self$inner <- layer_dense(units = 1)
      self$seen <- metric_mean(name = "seen")
    },
    call = function(inputs) self$inner(inputs),
    train_step = function(data) {
      logs <- super$train_step(data)
      self$seen$update_state(data[[2]])
      c(logs, list(seen = self$seen$result()))
    },
    metrics = mark_active(function() c(super$metrics, list(self$seen)))
  )
  run <- function(folder = NULL, death = NULL) {
    set.seed(4)
    x <- matrix(stats::rnorm(40), 20)
    model <- model_own()
    compile(model, optimizer_adam(0.1), loss = "mse", metrics = "mae")
    model$build(c(NA, 2))
    backup <- if (!is.null(folder)) callback_backup_and_restore(folder, 2)
    history <- fit(model, x, x[, 1], batch_size = 4, epochs = 3,
                   callbacks = list(backup, death))
    list(weight_bits(model), history$metrics)
  }
  folder <- withr::local_tempfile()
  expect_error(run(folder, dying("on_train_batch_end", 9)), "failed")
  expect_identical(run(folder), run())
})

test_that("the data of a function go on at the same place", {
  run <- function(folder = NULL, death = NULL) {
    set.seed(3)
    data <- series_data(40)
    model <- compiled_model(optimizer_adam(0.05))
    at <- 0
    generator <- function() {
      at <<- at %% 8 + 1
      rows <- at * 5 - (4:0)
      list(data$x[rows, , , drop = FALSE], data$y[rows])
    }
    backup <- if (!is.null(folder)) callback_backup_and_restore(folder, 2)
    fit(model, generator, steps_per_epoch = 3, epochs = 4,
        callbacks = c(backup, death))
    weight_bits(model)
  }
  folder <- withr::local_tempfile()
  expect_error(run(folder, dying("on_train_batch_end", 8)), "failed")
  expect_identical(run(folder), run())
})

test_that("fields of one's own callbacks go on, or what get_state() says", {
  totals <- list()
  run <- function(folder, death = NULL) {
    sum <- own_callback(
      total = 0, text = NULL,
      on_epoch_end = function(epoch, logs) {
        self$total <- self$total + epoch
        self$text <- c(self$text, paste("epoch", epoch))
      }
    )
    told <- own_callback(
      seen = 0,
      on_epoch_end = function(epoch, logs) self$seen <- self$seen + 1,
      get_state = function() list(number = self$seen),
      set_state = function(state) self$seen <- 100 + state$number
    )
    fit_on_logs(list(loss = 1:4), list(
      sum, told, callback_backup_and_restore(folder), death
    ))
    list(sum$total, sum$text, told$seen)
  }
  folder <- withr::local_tempfile()
  expect_error(run(folder, dying("on_epoch_end", 3)), "failed")
  expect_equal(run(folder), list(10, paste("epoch", 1:4), 104))
})

test_that("a backup is deleted at the end, or kept", {
  folder <- withr::local_tempdir()
  writeLines("mine", file.path(folder, "notes"))
  logs <- list(loss = c(3, 2))
  fit_on_logs(logs, list(callback_backup_and_restore(folder)))
  expect_equal(dir(folder), "notes")
  keep <- callback_backup_and_restore(folder, delete_checkpoint = FALSE)
  model <- still_model()
  fit_on_logs(logs, list(keep), model)
  expect_setequal(dir(folder), c("notes", "latest.rds"))
  # There is nothing left to train but the epochs that are new.
  history <- fit_on_logs(list(loss = c(3, 2, 1)), list(keep), model)
  expect_equal(history$metrics$loss, c(3, 2, 1))
  expect_equal(as.numeric(model$optimizer$iterations), 3)
  gone <- withr::local_tempfile()
  fit_on_logs(logs, list(callback_backup_and_restore(gone)))
  expect_false(dir.exists(gone))
})

test_that("with two backups a damaged one does no harm", {
  whole <- watched_run()
  damage <- function(double) {
    folder <- withr::local_tempfile()
    run <- function(death = NULL) {
      set.seed(7)
      data <- series_data(20)
      model <- compiled_model(optimizer_adam(0.05))
      fit(model, data$x, data$y, batch_size = 4, epochs = 4, callbacks = c(
        callback_backup_and_restore(folder, double_checkpoint = double), death
      ))
      weight_bits(model)
    }
    expect_error(run(dying("on_epoch_begin", 4)), "failed")
    writeLines("damaged", file.path(folder, "latest.rds"))
    resumed <- run()
    identical(resumed, run())
  }
  expect_true(damage(TRUE))
  expect_error(damage(FALSE), "damaged", class = "elman_error_file")
})

test_that("the backup of another model is refused", {
  folder <- withr::local_tempfile()
  logs <- list(loss = c(3, 2))
  expect_error(fit_on_logs(logs, list(callback_backup_and_restore(folder),
                                      dying("on_epoch_end", 2))), "failed")
  other <- keras_model_sequential(input_shape = 1) |> layer_dense(2) |>
    layer_dense(1)
  compile(other, "sgd", loss = "mse")
  before <- weight_bits(other)
  expect_error(fit_on_logs(logs, list(callback_backup_and_restore(folder)),
                           other), "another model", class = "elman_error_state")
  expect_identical(weight_bits(other), before)
})

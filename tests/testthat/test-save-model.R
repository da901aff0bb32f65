same_training <- function(model, again, steps = 2) {
  data <- file_data()
  expect_identical(predict(again, data$x, verbose = 0),
                   predict(model, data$x, verbose = 0))
  for (k in seq_len(steps)) {
    expect_identical(train_once(again), train_once(model))
  }
  expect_identical(get_weights(again), get_weights(model))
}

test_that("a saved and loaded model trains on as if nothing had happened", {
  skip_without_files()
  optimizers <- list(
    optimizer_sgd(0.0625, momentum = 0.5), optimizer_sgd(0.0625),
    optimizer_rmsprop(0.0625, centered = TRUE, momentum = 0.5),
    optimizer_adam(0.0625, amsgrad = TRUE, weight_decay = 0.25),
    optimizer_nadam(0.0625), optimizer_lion(0.0625), optimizer_ftrl(0.0625),
    optimizer_adam(learning_rate_schedule_exponential_decay(0.0625, 2, 0.5)),
    optimizer_adam(0.0625, use_ema = TRUE, ema_overwrite_frequency = 3),
    optimizer_adam(0.0625, gradient_accumulation_steps = 2, clipnorm = 1)
  )
  for (optimizer in optimizers) {
    model <- file_model()
    compile(model, optimizer, loss = "mse", metrics = c("mae", "accuracy"))
    for (k in 1:3) train_once(model)
    again <- load_model(save_model(model))
    expect_identical(again$optimizer$iterations, model$optimizer$iterations)
    expect_gt(again$optimizer$iterations, 0)
    same_training(model, again)
  }
})

test_that("both formats hold the whole model", {
  skip_without_files()
  dir <- withr::local_tempdir()
  for (ending in c(".keras", ".h5", ".hdf5")) {
    model <- file_model()
    train_once(model)
    path <- paste0(dir, "/model", ending)
    expect_identical(save_model(model, path), model)
    same_training(model, load_model(path))
  }
})

test_that("a compiled model that was never trained comes back compiled", {
  skip_without_files()
  model <- file_model()
  same_training(model, load_model(save_model(model)))
})

test_that("losses, their weights and metrics come back for several outputs", {
  skip_without_files()
  set.seed(2)
  x <- keras_input(c(4, 2))
  h <- layer_simple_rnn(x, 3)
  model <- keras_model(x, list(a = layer_dense(h, 2, name = "a"),
                               b = layer_dense(h, 1, name = "b")))
  compile(model, "sgd", loss = list(a = "mse", b = loss_mean_absolute_error()),
          loss_weights = list(a = 0.5, b = 2),
          metrics = list(a = list("mae"), b = NULL),
          weighted_metrics = list(a = "mse"))
  data <- file_data()
  y <- list(data$y, data$y[, 1, drop = FALSE])
  train_on_batch(model, data$x, y)
  again <- load_model(save_model(model))
  expect_identical(train_on_batch(again, data$x, y),
                   train_on_batch(model, data$x, y))
})

test_that("without compile = TRUE, or never compiled, it is not compiled", {
  skip_without_files()
  expect_false(load_model(save_model(file_model()), compile = FALSE)$compiled)
  plain <- keras_model_sequential(input_shape = c(4, 2)) |> layer_simple_rnn(1)
  expect_false(load_model(save_model(plain))$compiled)
})

test_that("nested models, wrappers, shared layers and options survive", {
  skip_without_files()
  set.seed(3)
  inner <- keras_model_sequential(input_shape = c(4, 6)) |>
    layer_simple_rnn(3, go_backwards = TRUE, kernel_regularizer = "l2",
                     bias_constraint = constraint_maxnorm(1, axis = 1))
  x <- keras_input(c(4, 2))
  z <- keras_input(c(4, 2))
  both <- layer_bidirectional(layer = layer_simple_rnn(
    units = 3, return_sequences = TRUE, dropout = 0.25))
  shared <- layer_dense(units = 2, activation = "relu", lora_rank = 1)
  out <- op_add(shared(inner(both(x))), shared(inner(both(z))))
  model <- keras_model(list(x, z), layer_activation(out, "softsign"))
  data <- list(file_data()$x, file_data()$x / 2)
  again <- load_model(save_model(model))
  expect_equal(predict(again, data, verbose = 0),
               predict(model, data, verbose = 0), tolerance = 1e-6)
  expect_identical(names(get_config(again)), names(get_config(model)))
  expect_length(get_weights(again), length(get_weights(model)))
})

test_that("functional models with shared layers and embeddings come back", {
  skip_without_files()
  ids <- keras_input(5L, dtype = "int32")
  more <- keras_input(5L, dtype = "int32")
  embed <- layer_embedding(input_dim = 7, output_dim = 3, mask_zero = TRUE)
  memory <- layer_bidirectional(layer = layer_simple_rnn(units = 2))
  model <- keras_model(list(ids, more), layer_dense(
    layer_concatenate(memory(embed(ids)), memory(embed(more))), 1
  ))
  x <- list(matrix(0:9 %% 7L, 2), matrix(1:10 %% 7L, 2))
  again <- load_model(save_model(model))
  expect_identical(predict_on_batch(again, x), predict_on_batch(model, x))
})

test_that("operations with attributes cannot be saved", {
  skip_without_files()
  x <- keras_input(c(4, 2))
  model <- keras_model(x, op_softmax(x))
  expect_error(save_model(model), "operation \"activation\"",
               class = "elman_error_argument")
})

test_that("a file that exists is kept unless it may be replaced", {
  skip_without_files()
  path <- withr::local_tempfile(fileext = ".keras")
  model <- file_model()
  save_model(model, path)
  first <- readBin(path, "raw", file.size(path))
  wrong <- expect_error(save_model(model, path), "exists already",
                        class = "elman_error_file")
  expect_identical(wrong$arg, "filepath")
  expect_identical(readBin(path, "raw", file.size(path)), first)
  train_once(model)
  save_model(model, path, overwrite = TRUE)
  expect_identical(get_weights(load_model(path)), get_weights(model))
})

test_that("arguments that do not hold are refused", {
  skip_without_files()
  model <- file_model()
  dir <- withr::local_tempdir()
  expect_error(save_model(3, file.path(dir, "a.keras")),
               "`model` must be a model", class = "elman_error_argument")
  expect_error(save_model(model, file.path(dir, "a.rds")), "ends in",
               class = "elman_error_argument")
  expect_error(save_model(model, file.path(dir, "a.keras"), zipped = FALSE),
               "`zipped`", class = "elman_error_argument")
  expect_error(save_model(model, file.path(dir, "no", "a.keras")), "no folder",
               class = "elman_error_file")
  expect_error(load_model(file.path(dir, "a.keras")), "there is no file",
               class = "elman_error_file")
  expect_error(load_model(3), "raw vector", class = "elman_error_argument")
  expect_error(load_model(raw()), class = "elman_error_file")
  expect_identical(list.files(dir), character())
})

test_that("damaged and hostile files are refused, and nothing changes", {
  skip_without_files()
  bytes <- save_model(file_model())
  refused <- function(code) expect_error(code, class = "elman_error_file")
  refused(load_model(raw()))
  refused(load_model(as.raw(1:100)))
  refused(load_model(utils::head(bytes, length(bytes) %/% 2)))
  refused(load_model(tempfile(fileext = ".keras")))
  for (at in round(seq(1, length(bytes), length.out = 25))) {
    turned <- bytes
    turned[at] <- xor(turned[at], as.raw(255))
    result <- tryCatch(suppressWarnings(load_model(turned)),
                       elman_error_file = function(e) NULL)
    expect_true(is.null(result) || inherits(result, "elman_model"))
  }
})

test_that("an unbuilt model is saved with a warning", {
  skip_without_files()
  model <- keras_model_sequential() |> layer_simple_rnn(2)
  expect_warning(bytes <- save_model(model), "not built",
                 class = "elman_warning")
  again <- load_model(bytes)
  expect_false(again$built)
  expect_identical(dim(predict(again, file_data()$x, verbose = 0)), c(3L, 2L))
})

test_that("a save killed 200 times leaves the old file or the new one", {
  skip_on_cran()
  skip_without_files()
  skip_on_os("windows")
  path <- file.path(withr::local_tempdir(), "model.keras")
  old <- file_model()
  new <- file_model()
  train_once(new)
  # Larger files are longer half-written.
  files <- lapply(list(old, new), function(model) {
    c(save_model(model), raw(1e6))
  })
  put <- function(k) replace_file(path, function(at) writeBin(files[[k]], at))
  seconds <- system.time(for (k in 2:1) put(k))[["elapsed"]]
  found <- integer()
  for (round in 1:200) {
    # A copy of this process, which writes the two in turn, the other one first.
    turn <- if (identical(found[round - 1], 2L)) 1:2 else 2:1
    job <- parallel::mcparallel(repeat for (k in turn) put(k))
    Sys.sleep(stats::runif(1, 0, max(0.02, seconds)))
    tools::pskill(job$pid, tools::SIGKILL)
    suppressWarnings(parallel::mccollect(job))
    bytes <- readBin(path, "raw", 2e6)
    found <- c(found, match(TRUE, vapply(files, identical, NA, bytes)))
  }
  expect_false(anyNA(found))
  expect_setequal(found, 1:2)
})

# Every kind of file, saved and read again.
saved_kinds <- function() {
  into <- function(load) {
    function(path) {
      model <- file_model()
      load(model, path)
      model
    }
  }
  list(
    .keras = list(save = save_model, load = load_model),
    .h5 = list(save = save_model, load = load_model),
    .weights.h5 = list(save = save_model_weights,
                       load = into(load_model_weights)),
    .hdf5 = list(save = save_model_weights_hdf5,
                 load = into(load_model_weights_hdf5))
  )
}

test_that("a save killed 200 times leaves a loadable file of any kind", {
  skip_on_cran()
  skip_without_files()
  skip_on_os("windows")
  old <- file_model()
  new <- file_model()
  train_once(new)
  known <- list(get_weights(old), get_weights(new))
  kinds <- saved_kinds()
  set.seed(6)
  seen <- integer()
  for (ending in names(kinds)) {
    kind <- kinds[[ending]]
    path <- paste0(withr::local_tempdir(), "/model", ending)
    # A busy machine saves slowly.
    once <- system.time(kind$save(old, path, overwrite = TRUE))[["elapsed"]]
    found <- vapply(1:50, function(round) {
      job <- parallel::mcparallel(repeat for (model in list(new, old)) {
        kind$save(model, path, overwrite = TRUE)
      })
      Sys.sleep(stats::runif(1, 0, 0.05 + 2.5 * once))
      tools::pskill(job$pid, tools::SIGKILL)
      suppressWarnings(parallel::mccollect(job))
      match(list(get_weights(kind$load(path))), known)
    }, 1L)
    expect_false(anyNA(found), label = ending)
    seen <- c(seen, found)
  }
  expect_setequal(seen, 1:2)
})

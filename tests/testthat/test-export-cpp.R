# Every model here is written, all are compiled into one program, and what that
# gives is compared with predict().

sequence_model <- function(...) {
  keras_model_sequential(input_shape = c(NA, 3), ...)
}

# Models that can go step by step.
step_models <- function() {
  list(
    simple = sequence_model() |>
      layer_simple_rnn(4, activation = "relu") |> layer_dense(2),
    lstm = sequence_model() |>
      layer_lstm(5, return_sequences = TRUE) |> layer_dropout(0.5) |>
      layer_spatial_dropout_1d(0.5) |> layer_gaussian_noise(1) |>
      layer_identity() |>
      layer_lstm(3, activation = "softsign", use_bias = FALSE) |>
      layer_dense(2, activation = "softmax"),
    gru = sequence_model() |>
      layer_gru(4, return_sequences = TRUE) |>
      layer_gru(3, reset_after = FALSE, recurrent_activation = "hard_sigmoid",
                return_sequences = TRUE) |>
      layer_time_distributed(layer = layer_dense(units = 2)),
    bare = sequence_model() |>
      layer_gru(4, use_bias = FALSE, return_sequences = TRUE) |>
      layer_gru(3, use_bias = FALSE, reset_after = FALSE),
    ids = keras_model_sequential(input_shape = NA) |>
      layer_embedding(5, 3, mask_zero = TRUE) |>
      layer_lstm(4, return_sequences = TRUE) |> layer_gru(3) |> layer_dense(1),
    masked = sequence_model() |> layer_masking(0.5) |>
      layer_simple_rnn(4, return_sequences = TRUE) |>
      layer_gru(2, zero_output_for_mask = TRUE, return_sequences = TRUE),
    cells = sequence_model() |>
      layer_rnn(cell = list(rnn_cell_lstm(units = 4),
                            rnn_cell_simple(units = 3),
                            rnn_cell_gru(units = 2)),
                return_sequences = TRUE) |>
      layer_activation("tanh"),
    nested = local({
      x <- keras_input(c(NA, 3))
      inner <- keras_model_sequential(input_shape = c(NA, 3)) |>
        layer_simple_rnn(4, return_sequences = TRUE)
      keras_model(x, layer_dense(inner(x), 4, activation = "glu"))
    }),
    state = keras_model_sequential(batch_input_shape = c(1, 6, 3)) |>
      layer_simple_rnn(2, stateful = TRUE)
  )
}

# Models that read from the last step to the first somewhere.
sequence_models <- function() {
  both <- function(mode, ...) {
    layer_bidirectional(sequence_model(), layer_lstm(units = 3, ...),
                        merge_mode = mode)
  }
  list(
    back = sequence_model() |>
      layer_gru(4, go_backwards = TRUE, return_sequences = TRUE) |>
      layer_simple_rnn(2),
    concat = both("concat", return_sequences = TRUE) |> layer_dense(2),
    sum = both("sum"), mul = both("mul", return_sequences = TRUE),
    ave = both("ave") |> layer_dense(2),
    padded = keras_model_sequential(input_shape = NA) |>
      layer_embedding(5, 3, mask_zero = TRUE) |>
      layer_bidirectional(layer_gru(units = 2, return_sequences = TRUE)) |>
      layer_bidirectional(layer_simple_rnn(units = 3))
  )
}

sample_for <- function(model, name) {
  if (name %in% c("ids", "padded")) return(c(1, 0, 4, 2, 0, 3))
  x <- matrix(round(sin(1:18), 3), 6)
  if (name == "masked") x[c(1, 4), ] <- 0.5
  x
}

predicted <- function(model, x) {
  y <- predict_on_batch(model, array(x, c(1, if (is.matrix(x)) dim(x) else
    length(x))))
  if (length(dim(y)) == 3L) as.vector(t(array(y, dim(y)[-1]))) else as.vector(y)
}

test_that("headers give what predict() gives, with no allocation in a step", {
  skip_on_cran()
  skip_if(is.null(cpp_compiler()))
  set.seed(1)
  models <- c(step_models(), sequence_models())
  models <- lapply(models, with_random_weights)
  headers <- Map(function(m, name) export_cpp(m, name = name), models,
                 names(models))
  folder <- withr::local_tempdir()
  by_step <- names(step_models())
  program <- compile_models(headers, by_step, folder)
  for (name in names(models)) {
    model <- models[[name]]
    x <- sample_for(model, name)
    sequence <- length(model$output_shape) == 3L
    if (name == "state") reset_state(model)
    expected <- predicted(model, x)
    got <- run_exported(program, paste0(name, ".predict"), x, sequence)
    expect_equal(got, expected, tolerance = 1e-5, label = name)
    if (!name %in% by_step) {
      expect_false(grepl("const Real* step(", headers[[name]], fixed = TRUE))
      next
    }
    steps <- run_exported(program, paste0(name, ".step"), x, sequence)
    if (sequence) {
      expect_equal(steps, expected, tolerance = 1e-5, label = name)
    } else {
      width <- length(expected)
      expect_equal(steps[5 * width + seq_len(width)], expected,
                   tolerance = 1e-5, label = name)
      if (name == "state") reset_state(model)
      short <- if (is.matrix(x)) x[1:3, ] else x[1:3]
      if (name != "state") {
        expect_equal(steps[2 * width + seq_len(width)],
                     predicted(model, short), tolerance = 1e-5, label = name)
      }
    }
  }
})

test_that("vectors, float64 and every activation are written", {
  skip_on_cran()
  skip_if(is.null(cpp_compiler()))
  names <- setdiff(sub("^activation_", "", grep(
    "^activation_", getNamespaceExports("elman"), value = TRUE
  )), "threshold")
  set.seed(2)
  old <- config_set_floatx("float64")
  withr::defer(config_set_floatx(old))
  models <- lapply(stats::setNames(names, names), function(name) {
    with_random_weights(
      keras_model_sequential(input_shape = 3) |>
        layer_dense(4, activation = name) |> layer_activation(name)
    )
  })
  x <- matrix(c(-4, 0.3, 2.5, 0.7, -0.2, 1), 2, byrow = TRUE)
  headers <- Map(function(m, n) export_cpp(m, name = paste0("a_", n)), models,
                 names)
  names(headers) <- paste0("a_", names)
  program <- compile_models(headers, folder = withr::local_tempdir())
  for (name in names) {
    expected <- as.vector(t(predict_on_batch(models[[name]], x)))
    got <- run_exported(program, sprintf("a_%s.predict", name), x, TRUE)
    expect_equal(got, expected, tolerance = 1e-8, label = name)
  }
})

test_that("ids that the embedding does not know count as zeros", {
  skip_on_cran()
  skip_if(is.null(cpp_compiler()))
  model <- with_random_weights(
    keras_model_sequential(input_shape = 3) |> layer_embedding(2, 2)
  )
  program <- compile_models(list(words = export_cpp(model, name = "words")),
                            folder = withr::local_tempdir())
  got <- run_exported(program, "words.step", c(-1, 2, 1, NaN, 1e30), TRUE)
  expect_equal(got, c(0, 0, 0, 0, get_weights(model)[[1]][2, ], 0, 0, 0, 0),
               tolerance = 1e-7)
})

test_that("what cannot be written is refused, and the layer is named", {
  refused <- function(model, regexp) {
    expect_error(export_cpp(model), regexp, class = "elman_error_argument")
  }
  refused(keras_model_sequential(input_shape = 4) |>
            layer_lambda(function(x) x, name = "odd"),
          "layer `odd` .*cannot become C\\+\\+")
  refused(sequence_model() |>
            layer_dense(2, activation = function(x) x, name = "mine"),
          "`mine` \\(Dense\\).*function of your own")
  refused(sequence_model() |>
            layer_lstm(2, activation = function(x) x, name = "mine"),
          "`mine` \\(LSTM\\).*function of your own")
  refused(sequence_model() |>
            layer_bidirectional(layer_gru(units = 2), merge_mode = NULL,
                                name = "two"), "several inputs or outputs")
  x <- keras_input(c(4, 2))
  forked <- keras_model(x, layer_add(layer_gru(x, 2), layer_lstm(x, 2)))
  refused(forked, "not in one row")
  bad <- sequence_model() |> layer_simple_rnn(1, name = "broken")
  set_weights(bad, list(matrix(NaN, 3, 1), matrix(0, 1, 1), array(0, 1)))
  refused(bad, "`broken`.*not all finite")
  refused(keras_model_sequential(input_shape = c(2, 3, 4)) |> layer_dense(1),
          "must take sequences")
  expect_error(export_cpp(keras_model_sequential() |> layer_dense(1)),
               "must be built", class = "elman_error_state")
  expect_error(export_cpp(3), class = "elman_error_argument")
})

test_that("names are C++ names, and files stay unless they may be replaced", {
  model <- keras_model_sequential(input_shape = 2, name = "class") |>
    layer_dense(1)
  expect_match(export_cpp(model), "namespace model_class \\{")
  for (name in c("a b", "1a", "int", "a__b", "", "_a")) {
    expect_error(export_cpp(model, name = name), "`name`",
                 class = "elman_error_argument")
  }
  path <- withr::local_tempfile(fileext = ".h")
  export_cpp(model, path, name = "first")
  expect_error(export_cpp(model, path), "exists already",
               class = "elman_error_file")
  expect_match(readLines(path), "namespace first", all = FALSE)
  expect_invisible(export_cpp(model, path, name = "second", overwrite = TRUE))
  expect_match(readLines(path), "namespace second", all = FALSE)
  expect_error(export_cpp(model, "model.cpp"), "ends in",
               class = "elman_error_argument")
})

# Models that go to other processes by R's own means, and on training there.

# Slow: R CMD check leaves it out, tools/test does not.
skip_on_cran()

# A model with every kind of layer, and one with each optimizer.
travelling_models <- function() {
  sequence <- function() keras_model_sequential(input_shape = c(4, 2))
  x <- keras_input(c(4, 2))
  h <- layer_lstm(x, 3)
  g <- layer_gru(x, 3)
  branches <- list(layer_add(h, g), layer_subtract(h, g), layer_multiply(h, g),
                   layer_average(h, g), layer_maximum(h, g),
                   layer_minimum(h, g), layer_dot(h, g, axes = 2))
  layers <- list(
    layer_dense(layer_concatenate(branches), 2) |> keras_model(inputs = x),
    sequence() |> layer_masking(0.5) |>
      layer_bidirectional(layer_gru(units = 3, return_sequences = TRUE)) |>
      layer_time_distributed(layer = layer_dense(units = 3)) |>
      layer_simple_rnn(3, dropout = 0.2, seed = 1) |> layer_dropout(0.2) |>
      layer_activation("tanh") |> layer_dense(2),
    sequence() |>
      layer_rnn(cell = list(rnn_cell_lstm(units = 3),
                            rnn_cell_gru(units = 2))) |>
      layer_lambda(function(x) x * 2) |> layer_dense(2),
    keras_model_sequential(input_shape = c(4, 2, 1)) |>
      layer_conv_lstm_1d(2, 2) |> layer_lambda(function(x) op_sum(x, 2)) |>
      layer_dense(2)
  )
  layers <- lapply(layers, compile, optimizer = "adam", loss = "mse")
  with_rule <- lapply(every_optimizer(), function(rule) {
    compile(sequence() |> layer_simple_rnn(3) |> layer_dense(2), rule,
            loss = "mse")
  })
  c(layers, with_rule)
}

# Two steps of training and the weights after them.
step_on <- function(model) {
  shape <- unlist(model$input_shape)[-1]
  x <- array(sin(seq_len(3 * prod(shape))), c(3, shape))
  y <- matrix(cos(1:6), 3)
  set.seed(9)
  for (k in 1:2) train_on_batch(model, x, y)
  get_weights(model)
}

all_steps <- function(models) lapply(models, step_on)

# The same in another process, which loads the package before it meets a model.
elsewhere <- function(code, bytes) {
  if (!"elman" %in% loadedNamespaces()) eval(parse(text = code))
  library(elman)
  sent <- unserialize(bytes)
  sent$steps(sent$models)
}

# step_on() as a process without this test's environment has it.
free_steps <- function() {
  one <- step_on
  environment(one) <- globalenv()
  many <- eval(bquote(function(models) lapply(models, .(one))))
  environment(many) <- globalenv()
  many
}

trained_models <- function(which = TRUE) {
  set.seed(3)
  models <- travelling_models()[which]
  all_steps(models)
  models
}

test_that("models in an .rds file train on in another process as here", {
  models <- trained_models()
  file <- withr::local_tempfile(fileext = ".rds")
  answer <- withr::local_tempfile(fileext = ".rds")
  saveRDS(list(models = models, steps = free_steps()), file)
  script <- withr::local_tempfile(fileext = ".R", lines = sprintf(
    "%s; library(elman); s <- readRDS('%s'); saveRDS(s$steps(s$models), '%s')",
    load_code(), file, answer
  ))
  system2(file.path(R.home("bin"), "Rscript"), script, stdout = FALSE,
          stderr = FALSE,
          env = paste0("R_LIBS=", paste(.libPaths(), collapse = ":")))
  there <- readRDS(answer)
  here <- all_steps(models)
  for (k in seq_along(models)) expect_identical(there[[k]], here[[k]])
})

test_that("models go through a cluster, a fork, callr and future", {
  models <- trained_models(c(2, 7))
  run <- elsewhere
  environment(run) <- globalenv()
  arguments <- list(load_code(), serialize(
    list(steps = free_steps(), models = models), NULL
  ))
  answers <- list()
  cluster <- parallel::makePSOCKcluster(1)
  withr::defer(parallel::stopCluster(cluster))
  parallel::clusterCall(cluster, .libPaths, .libPaths())
  answers$cluster <- do.call(parallel::clusterCall,
                             c(list(cluster, run), arguments))[[1]]
  if (.Platform$OS.type != "windows") {
    job <- parallel::mcparallel(all_steps(models))
    answers$fork <- parallel::mccollect(job)[[1]]
  }
  # Packages that elman does not ask for.
  if (nzchar(system.file(package = "callr"))) {
    answers$callr <- getExportedValue("callr", "r")(run, arguments)
  }
  if (nzchar(system.file(package = "future"))) {
    of_future <- function(name) getExportedValue("future", name)
    of_future("plan")("cluster", workers = cluster)
    withr::defer(of_future("plan")("sequential"))
    job <- of_future("future")(
      do.call(run, arguments), seed = NULL,
      globals = list(run = run, arguments = arguments)
    )
    answers$future <- of_future("value")(job)
  }
  here <- all_steps(models)
  for (name in names(answers)) {
    expect_identical(answers[[name]], here, label = name)
  }
})

test_that("every optimizer goes on in a file as it would have here", {
  skip_without_files()
  models <- trained_models(seq_along(every_optimizer()) + 4L)
  again <- lapply(models, function(model) load_model(save_model(model)))
  here <- all_steps(models)
  there <- all_steps(again)
  for (name in names(models)) {
    expect_equal(there[[name]], here[[name]], tolerance = 1e-6, label = name)
  }
})

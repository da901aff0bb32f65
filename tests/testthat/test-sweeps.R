# Sweeps, ensembles and scoring on the engines that R users have: the recipes of
# the vignette "Past one machine". Each gives the bits of a loop in one process.

# Slow: R CMD check leaves it out, tools/test does not.
skip_on_cran()

sweep_data <- function() {
  set.seed(1)
  list(x = array(rnorm(40 * 5 * 2), c(40, 5, 2)), y = matrix(rnorm(40), 40))
}

# One point of a sweep: a fitted model and its history. `setup` loads the
# package where it is not installed.
train_one <- function(point, data, setup = "NULL") {
  if (!"elman" %in% loadedNamespaces()) eval(parse(text = setup))
  library(elman)
  options(elman.threads = 1)
  set.seed(point$seed, kind = "default")
  model <- keras_model_sequential(input_shape = c(5, 2)) |>
    layer_lstm(point$units, dropout = 0.2) |>
    layer_dense(1)
  compile(model, optimizer_adam(point$rate), loss = "mse", metrics = "mae")
  history <- fit(model, data$x, data$y, epochs = 3, batch_size = 8,
                 validation_split = 0.25, verbose = 0)
  list(model = model, history = history, threads = elman_threads())
}

score_part <- function(rows, model, data, setup = "NULL") {
  if (!"elman" %in% loadedNamespaces()) eval(parse(text = setup))
  library(elman)
  options(elman.threads = 1)
  predict(model, data$x[rows, , , drop = FALSE], verbose = 0)
}

sweep_points <- function() {
  list(list(units = 2, rate = 0.01, seed = 1), list(units = 3, rate = 0.01,
       seed = 2), list(units = 3, rate = 0.1, seed = 3))
}

# Trains everywhere by `map(X, FUN, ...)`, then scores here by what came back.
expect_same_sweep <- function(map) {
  withr::local_options(elman.threads = 1)
  data <- sweep_data()
  points <- sweep_points()
  here <- lapply(points, train_one, data = data)
  there <- map(points, plain_function(train_one), data = data,
               setup = load_code())
  for (k in seq_along(points)) {
    expect_identical(get_weights(there[[k]]$model),
                     get_weights(here[[k]]$model))
    expect_identical(there[[k]]$history$metrics, here[[k]]$history$metrics)
    expect_identical(there[[k]]$threads, 1L)
    # A model that comes back goes on as it would have here.
    ends <- lapply(list(here[[k]], there[[k]]), function(one) {
      set.seed(7)
      train_on_batch(one$model, data$x, data$y)
      get_weights(one$model)
    })
    expect_identical(ends[[2]], ends[[1]])
  }
  # An ensemble's scores, each worker a part of the rows.
  model <- here[[1]]$model
  parts <- list(1:16, 17:32, 33:40)
  scores <- map(parts, plain_function(score_part), model = model, data = data,
                setup = load_code())
  expect_identical(do.call(rbind, scores),
                   do.call(rbind, lapply(parts, score_part, model, data)))
}

test_that("a PSOCK cluster sweeps and scores to the bit", {
  cluster <- parallel::makePSOCKcluster(2)
  withr::defer(parallel::stopCluster(cluster))
  parallel::clusterCall(cluster, .libPaths, .libPaths())
  expect_same_sweep(function(X, FUN, ...) {
    parallel::parLapply(cluster, X, FUN, ...)
  })
})

test_that("forked workers sweep and score to the bit", {
  skip_on_os("windows")
  expect_same_sweep(function(X, FUN, ...) {
    parallel::mclapply(X, FUN, ..., mc.cores = 2)
  })
})

test_that("future.apply sweeps and scores to the bit, in any of its plans", {
  skip_if_not_installed("future.apply")
  plan <- getExportedValue("future", "plan")
  withr::defer(plan("sequential"))
  for (how in c("multisession", "multicore")) {
    suppressWarnings(plan(how, workers = 2))
    expect_same_sweep(function(X, FUN, ...) {
      future.apply::future_lapply(X, FUN, ..., future.seed = TRUE,
                                  future.globals = FALSE)
    })
  }
})

test_that("mirai sweeps and scores to the bit, where it is installed", {
  skip_if(!nzchar(system.file(package = "mirai")), "mirai is not installed")
  mirai <- function(name) getExportedValue("mirai", name)
  mirai("daemons")(2)
  withr::defer(mirai("daemons")(0))
  expect_same_sweep(function(X, FUN, ...) {
    mirai("mirai_map")(X, FUN, .args = list(...))[]
  })
})

# What sparklyr::spark_apply() calls for each partition, with its `context`.
score_partition <- function(rows, model) {
  library(elman)
  options(elman.threads = 1)
  x <- array_reshape(as.matrix(rows), c(nrow(rows), 5, 2))
  data.frame(score = predict(unserialize(model), x, verbose = 0)[, 1])
}

test_that("a partition of a table is scored in a fresh process, as on Spark", {
  withr::local_options(elman.threads = 1)
  data <- sweep_data()
  model <- train_one(sweep_points()[[2]], data)$model
  # A row of the table is a sample, step by step.
  table <- as.data.frame(array_reshape(data$x, c(40, 10)))
  here <- predict(model, data$x, verbose = 0)[, 1]
  folder <- withr::local_tempdir()
  path <- function(name) file.path(folder, name)
  writeLines(c(
    load_code(), sprintf("setwd(%s)", deparse(folder)),
    # The function and its context come as bytes, the rows as a data frame.
    "f <- unserialize(readRDS('f'))",
    "saveRDS(f(readRDS('rows'), unserialize(readRDS('context'))), 'scores')"
  ), path("worker.R"))
  saveRDS(serialize(plain_function(score_partition), NULL), path("f"))
  saveRDS(serialize(serialize(model, NULL), NULL), path("context"))
  withr::local_envvar(R_LIBS = paste(.libPaths(),
                                     collapse = .Platform$path.sep))
  for (rows in list(1:17, 18, 19:40)) {
    saveRDS(table[rows, ], path("rows"))
    status <- system2(file.path(R.home("bin"), "Rscript"),
                      c("--vanilla", path("worker.R")), stdout = FALSE)
    expect_identical(status, 0L)
    scores <- readRDS(path("scores"))
    expect_s3_class(scores, "data.frame")
    expect_identical(scores$score, here[rows])
  }
})

# Models that go to other processes by R's own means, and on training there:
# one for every layer and every optimizer.

# Slow: R CMD check leaves it out, tools/test does not.
skip_on_cran()

test_that("every layer and every optimizer is sent", {
  of <- function(prefix) {
    grep(prefix, getNamespaceExports("elman"), value = TRUE)
  }
  expect_setequal(names(layer_models()), of("^layer_"))
  expect_setequal(names(optimizer_models()), of("^optimizer_"))
})

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
  expect_same_steps(readRDS(answer), all_steps(models))
})

test_that("models go through a cluster of processes, and through future", {
  models <- trained_models()
  cluster <- parallel::makePSOCKcluster(1)
  withr::defer(parallel::stopCluster(cluster))
  parallel::clusterCall(cluster, .libPaths, .libPaths())
  arguments <- travel_arguments(models)
  there <- do.call(parallel::clusterCall,
                   c(list(cluster, steps_elsewhere), arguments))[[1]]
  by_future <- NULL
  if (requireNamespace("future", quietly = TRUE)) {
    old <- future::plan("cluster", workers = cluster)
    withr::defer(future::plan(old))
    job <- future::future(do.call(run, arguments), globals = list(
      run = steps_elsewhere, arguments = arguments
    ), seed = NULL)
    by_future <- future::value(job)
  }
  here <- all_steps(models)
  expect_same_steps(there, here)
  if (!is.null(by_future)) expect_same_steps(by_future, here)
})

test_that("models go through a fork", {
  skip_on_os("windows")
  models <- trained_models()
  job <- parallel::mcparallel(all_steps(models))
  there <- parallel::mccollect(job)[[1]]
  expect_same_steps(there, all_steps(models))
})

test_that("models go through callr", {
  skip_if_not_installed("callr")
  models <- trained_models()
  there <- callr::r(steps_elsewhere, travel_arguments(models))
  expect_same_steps(there, all_steps(models))
})

test_that("every optimizer goes on in a file as it would have here", {
  skip_without_files()
  models <- optimizer_models()
  all_steps(models)
  again <- lapply(models, function(model) load_model(save_model(model)))
  here <- all_steps(models)
  there <- all_steps(again)
  for (name in names(models)) {
    expect_equal(there[[name]], here[[name]], tolerance = 1e-6, label = name)
  }
})

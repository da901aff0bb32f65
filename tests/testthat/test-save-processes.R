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

local_cluster <- function(env = parent.frame()) {
  cluster <- parallel::makePSOCKcluster(1)
  withr::defer(parallel::stopCluster(cluster), env)
  parallel::clusterCall(cluster, .libPaths, .libPaths())
  cluster
}

test_that("models go through a cluster of processes", {
  models <- trained_models()
  there <- do.call(parallel::clusterCall, c(
    list(local_cluster(), steps_elsewhere), travel_arguments(models)
  ))[[1]]
  expect_same_steps(there, all_steps(models))
})

test_that("models go through future", {
  skip_if_not_installed("future")
  models <- trained_models()
  old <- future::plan("cluster", workers = local_cluster())
  withr::defer(future::plan(old))
  job <- future::future(do.call(run, arguments), globals = list(
    run = steps_elsewhere, arguments = travel_arguments(models)
  ), seed = NULL)
  there <- future::value(job)
  expect_same_steps(there, all_steps(models))
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

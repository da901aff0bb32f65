# Scripts that mpirun runs on several ranks.

skip_without_ranks <- function() {
  skip_on_cran()
  skip_on_os("windows")
  # Loading Rmpi would make this process one of MPI's.
  skip_if(!nzchar(system.file(package = "Rmpi")), "Rmpi is not installed")
  skip_if(!nzchar(Sys.which("mpirun")), "there is no mpirun")
}

# Runs `code`, an expression, on `n` ranks, each with `inputs` as variables.
# Gives a list: `values` by rank (NULL where a rank did not get to its end; an
# error's class and message where `code` failed), the exit `status`, and the
# `output`. `start` may do something while they run; it gets the ranks' pids.
run_ranks <- function(n, code, inputs = list(), options = NULL, start = NULL,
                      seconds = 300) {
  folder <- withr::local_tempdir()
  path <- function(...) file.path(folder, paste0(...))
  saveRDS(inputs, path("inputs.rds"))
  writeLines(c(
    load_code(), "library(elman)",
    sprintf(".ranks <- %s", deparse(folder)),
    "rank <- as.integer(Sys.getenv('OMPI_COMM_WORLD_RANK'))",
    "list2env(readRDS(file.path(.ranks, 'inputs.rds')), globalenv())",
    "writeLines(as.character(Sys.getpid()),",
    "           file.path(.ranks, paste0('pid', rank)))",
    "value <- tryCatch(withVisible({", deparse(code), "})$value,",
    "  error = function(e) {",
    "    list(class = class(e), error = conditionMessage(e))",
    "  })",
    "file <- file.path(.ranks, paste0('value', rank))",
    "saveRDS(value, paste0(file, '.part'))",
    "invisible(file.rename(paste0(file, '.part'), file))"
  ), path("script.R"))
  arguments <- c("--allow-run-as-root", "--oversubscribe", options, "-n", n,
                 file.path(R.home("bin"), "Rscript"), path("script.R"))
  withr::local_envvar(
    ELMAN_NUM_THREADS = "1",
    R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep)
  )
  status <- if (is.null(start)) {
    system2("mpirun", arguments, stdout = path("output"),
            stderr = path("output"), timeout = seconds)
  } else {
    system2("mpirun", arguments, stdout = path("output"),
            stderr = path("output"), wait = FALSE)
    start(function() {
      vapply(seq_len(n) - 1L, function(rank) wait_for_pid(path("pid", rank)),
             1L)
    })
  }
  list(
    values = lapply(seq_len(n) - 1L, function(rank) {
      file <- path("value", rank)
      if (file.exists(file)) readRDS(file)
    }),
    status = status, output = readLines(path("output"))
  )
}

wait_for_pid <- function(file, seconds = 30) {
  for (k in seq_len(seconds * 20)) {
    if (file.exists(file) && length(pid <- readLines(file))) {
      return(as.integer(pid))
    }
    Sys.sleep(0.05)
  }
  stop("No rank came up at ", file)
}

# Waits until a process has gone.
wait_for_end <- function(pid, seconds) {
  for (k in seq_len(seconds * 20)) {
    if (!file.exists(file.path("/proc", pid))) return(TRUE)
    Sys.sleep(0.05)
  }
  FALSE
}

# The code of functions goes along as text, without their environments.
plain_function <- function(f) {
  environment(f) <- globalenv()
  f
}

# ---- the same training on one rank and on many ------------------------------

# What 20 steps at least make of every case, with two optimizers.
train_cases <- function(cases, dtype, distribution = NULL) {
  old <- config_set_floatx(dtype)
  on.exit(config_set_floatx(old))
  optimizers <- list(
    sgd = function(...) optimizer_sgd(0.05, momentum = 0.9, ...),
    adam = function(...) optimizer_adam(0.01, ...)
  )
  out <- list()
  for (name in names(cases)) for (rule in names(optimizers)) {
    model <- cases[[name]][[1]](optimizers[[rule]])
    data <- cases[[name]][[2]]
    set.seed(3)
    arguments <- utils::modifyList(list(
      epochs = 7, verbose = 0, distribution = distribution
    ), data[-(1:2)])
    history <- do.call(fit, c(list(model), data[1:2], arguments))
    out[[paste(name, rule)]] <- list(
      weights = get_weights(model), metrics = history$metrics,
      predicted = predict(model, data[[1]], batch_size = data$batch_size,
                          verbose = 0),
      next_random = runif(1),
      steps = model$optimizer$iterations,
      refused = model$plan$step_log$refused
    )
  }
  out
}

distance <- function(a, b) {
  numbers <- function(x) unlist(x[names(x) != "refused"])
  max(abs(numbers(a) - numbers(b)))
}

# `cases()` gives them. `recorded` says whether steps must be. What was refused
# to be recorded is named by a rank's own rows. The case `but`, whose data the
# type cannot hold, has to be the same on all ranks only.
same_on_ranks <- function(cases, ranks, dtype, tolerance, recorded = TRUE,
                          but = NULL) {
  skip_without_ranks()
  inputs <- list(cases = plain_function(cases), dtype = dtype,
                 train_cases = plain_function(train_cases))
  alone <- train_cases(cases(), dtype)
  for (name in names(alone)) expect_gte(alone[[name]]$steps, 20)
  for (n in ranks) {
    run <- run_ranks(n, quote(train_cases(
      cases(), dtype, distribution_data_parallel(timeout = 60)
    )), inputs)
    expect_identical(run$status, 0L)
    expect_null(run$values[[1]]$error)
    for (rank in seq_len(n)) for (name in names(alone)) {
      got <- run$values[[rank]][[name]]
      if (sub(" .*", "", name) %in% but) next
      # The order of additions is all that differs.
      expect_lt(distance(got, alone[[name]]), tolerance,
                label = paste(name, "on rank", rank - 1, "of", n))
      if (recorded) expect_length(got$refused, 0L)
    }
    # Ranks agree to the bit.
    kept <- lapply(run$values, lapply, function(x) x[names(x) != "refused"])
    for (rank in seq_len(n)[-1]) expect_identical(kept[[rank]], kept[[1]])
  }
}

# ---- a small training that fails --------------------------------------------

rank_model <- function(units = 3) {
  set.seed(5)
  model <- keras_model_sequential(input_shape = c(6, 3)) |>
    layer_simple_rnn(units, name = "memory") |>
    layer_dense(2, name = "answer")
  compile(model, optimizer_adam(0.01), loss = "mse")
}

rank_data <- function() {
  set.seed(2)
  list(x = array(rnorm(16 * 6 * 3), c(16, 6, 3)), y = matrix(rnorm(32), 16))
}

rank_inputs <- function(...) {
  list(rank_model = plain_function(rank_model),
       rank_data = plain_function(rank_data), ...)
}

messages_of <- function(run) vapply(run$values, `[[`, "", "error")

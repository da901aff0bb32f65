# What goes wrong at random. Each takes the round (its model, recipe, data and a
# folder) and gives NULL, or a complaint; the caller looks at the model after.

expect_refusal <- function(code, what, class = "elman_error") {
  came <- tryCatch({
    suppressWarnings(code)
    "nothing was said"
  }, error = function(e) {
    if (inherits(e, class)) return(NULL)
    paste0(paste(class(e), collapse = "/"), ": ", conditionMessage(e))
  })
  if (!is.null(came)) complain(what, ": ", came)
}

quiet_fit <- function(r, ...) {
  suppressMessages(fit(r$model, r$data$x, r$data$y, verbose = 0,
                       batch_size = r$recipe$batch, shuffle = FALSE, ...))
}

at_step <- function(n, act) {
  count <- 0
  callback_lambda(on_train_batch_end = function(batch, logs) {
    count <<- count + 1
    if (count == n) act()
    NULL
  })
}

# ---- during fit --------------------------------------------------------------

fault_interrupt_at <- function(r) {
  steps <- r$recipe$batches
  n <- sample.int(2 * steps, 1)
  history <- quiet_fit(r, epochs = 3, callbacks = at_step(n, rlang::interrupt))
  if (length(history$metrics$loss) != (n - 1) %/% steps) {
    complain("an interrupt at step ", n, " of ", steps, " an epoch left ",
             length(history$metrics$loss), " epochs of history")
  }
}

# A signal of the system at a moment that nobody has chosen. It is awaited here
# where training was over first.
fault_interrupt <- function(r) {
  tryCatch({
    system(sprintf("(sleep %.3f; kill -INT %d) &", stats::runif(1, 0, 0.1),
                   Sys.getpid()))
    history <- quiet_fit(r, epochs = 1e5)
    if (length(history$metrics$loss) == 1e5) Sys.sleep(5)
  }, interrupt = function(condition) NULL)
}

fault_callback_error <- function(r) {
  expect_refusal(
    quiet_fit(r, epochs = 2, callbacks = at_step(
      sample.int(r$recipe$batches, 1), function() stop("my mistake")
    )), "an error in a callback", "elman_error_callback"
  )
}

fault_fork_in_callback <- function(r) {
  look <- function() {
    twin <- unserialize(serialize(r$model, NULL))
    job <- parallel::mcparallel(ask(r$model, r$recipe, r$data))
    there <- parallel::mccollect(job)[[1]]
    if (!identical(there, ask(twin, r$recipe, r$data))) {
      complain("a fork predicts otherwise")
    }
  }
  quiet_fit(r, epochs = 1, callbacks = at_step(1, look))
}

# ---- forked children ---------------------------------------------------------

fault_child_dies <- function(r) {
  before <- get_weights(r$model)
  death <- sample.int(r$recipe$batches, 1)
  job <- parallel::mcparallel(quiet_fit(r, epochs = 2, callbacks = at_step(
    death, function() tools::pskill(Sys.getpid(), tools::SIGKILL)
  )))
  suppressWarnings(parallel::mccollect(job))
  if (!identical(get_weights(r$model), before)) {
    complain("a child's training has changed the parent's model")
  }
}

# A child that dies while it writes over a file which the parent has made.
fault_child_dies_saving <- function(r) {
  path <- file.path(r$folder, "shared.keras")
  save_model(r$model, path, overwrite = TRUE)
  job <- parallel::mcparallel(
    repeat save_model(r$model, path, overwrite = TRUE)
  )
  Sys.sleep(stats::runif(1, 0, 0.1))
  tools::pskill(job$pid, tools::SIGKILL)
  suppressWarnings(parallel::mccollect(job))
  check_same_model(load_model(path), r, "a file whose writer was killed")
}

# ---- files -------------------------------------------------------------------

fault_missing_folder <- function(r) {
  path <- file.path(r$folder, "no", "such", "m.keras")
  expect_refusal(save_model(r$model, path), "a missing folder",
                 "elman_error_file")
}

fault_read_only <- function(r) {
  expect_refusal(save_model(r$model, "/proc/elman.keras"),
                 "a folder that cannot be written to", "elman_error_file")
}

# The worker runs under a limit on the size of files, as on a full disk.
fault_full_disk <- function(r) {
  limit <- as.numeric(Sys.getenv("SOAK_FILE_LIMIT", "NA"))
  if (is.na(limit)) return()
  path <- file.path(r$folder, "large.keras")
  save_model(r$model, path, overwrite = TRUE)
  large <- keras_model_sequential(input_shape = limit) |> layer_dense(1)
  expect_refusal(save_model(large, path, overwrite = TRUE),
                 "a file that is too large", "elman_error_file")
  check_same_model(load_model(path), r, "a file that could not be replaced")
  left <- setdiff(list.files(r$folder, all.files = TRUE, no.. = TRUE),
                  c("large.keras", "shared.keras"))
  if (length(left)) complain("a full disk leaves ", toString(left))
}

fault_removed_file <- function(r) {
  path <- file.path(r$folder, "gone.keras")
  save_model(r$model, path)
  unlink(path)
  expect_refusal(load_model(path), "a removed file", "elman_error_file")
}

fault_damaged_file <- function(r) {
  suffix <- pick(".keras", ".weights.h5")
  path <- file.path(r$folder, paste0("damaged", suffix))
  if (suffix == ".keras") save_model(r$model, path) else
    save_model_weights(r$model, path)
  on.exit(unlink(path))
  bytes <- readBin(path, "raw", file.size(path))
  bytes <- if (chance(0.5)) {
    utils::head(bytes, sample.int(length(bytes) - 1L, 1))
  } else {
    at <- sample.int(length(bytes), pick(1, 4, 32))
    bytes[at] <- as.raw(sample.int(256, length(at), replace = TRUE) - 1L)
    bytes
  }
  writeBin(bytes, path)
  kept <- get_weights(r$model)
  came <- tryCatch({
    suppressWarnings(if (suffix == ".keras") load_model(path) else
      load_model_weights(r$model, path))
    NULL
  }, elman_error = function(e) "refused",
  error = function(e) complain("a damaged file: ", conditionMessage(e)))
  if (identical(came, "refused") && !identical(get_weights(r$model), kept)) {
    complain("a refused file has changed the weights")
  }
  set_weights(r$model, kept)
}

# ---- input -------------------------------------------------------------------

fault_input <- function(r) {
  bad <- pick("missing", "wide", "short", "text", "empty", "targets", "kind")
  x <- r$data$all
  y <- r$data$y
  k <- sample.int(length(x), 1)
  d <- dim(x[[k]])
  switch(bad,
    missing = x[[k]][sample.int(length(x[[k]]), 1)] <- NA,
    wide = x[[k]] <- array(1, c(d, 2)),
    short = x[[k]] <- rows_of(x[[k]], -1),
    text = x[[k]] <- array("a", d),
    empty = x[[k]] <- rows_of(x[[k]], 0),
    targets = y <- rows_of(as.array(as.matrix(y)), -1),
    kind = x[[k]] <- function(x) stop("never")
  )
  if (length(x) == 1L) x <- x[[1]]
  calls <- list(
    fit = function() {
      fit(r$model, x, y, verbose = 0, batch_size = r$recipe$batch)
    },
    train_on_batch = function() train_on_batch(r$model, x, y),
    evaluate = function() {
      evaluate(r$model, x, y, verbose = 0, batch_size = r$recipe$batch)
    }
  )
  # Missing numbers are looked for where a run begins, not in a single batch.
  if (bad == "missing") calls <- calls["fit"]
  if (bad == "kind") calls <- calls["train_on_batch"]
  name <- pick(names(calls))
  # One sample less is no fault to a batch of its own.
  fine <- bad == "short" && length(r$data$all) == 1L && r$data$n == 1L
  before <- get_weights(r$model)
  if (!fine) expect_refusal(calls[[name]](), paste0(name, "() on ", bad))
  if (!identical(get_weights(r$model), before)) {
    complain(name, "() on ", bad, " input has changed the weights")
  }
}

faults <- function() {
  names <- ls(globalenv(), pattern = "^fault_")
  mget(names, envir = globalenv())
}

# One round: a model of the family is drawn, trained, asked, saved, loaded and
# disturbed. Whatever it says is compared with something else.

complain <- function(...) {
  stop(structure(class = c("complaint", "error", "condition"),
                 list(message = paste0(...), call = NULL)))
}

checks <- new.env()

counted <- function(n = 1) checks$count <- checks$count + n

# ---- comparisons -------------------------------------------------------------

# Rounding of float32 grows over steps and layers, that of float64 stays far
# below.
tolerance_of <- function(recipe) {
  if (recipe$floatx == "float32") 5e-4 else 1e-8
}

ask <- function(model, recipe, data) {
  reset_state(model)
  predict(model, data$x, batch_size = recipe$batch, verbose = 0)
}

check_predictions <- function(r, when) {
  got <- ask(r$model, r$recipe, r$data)
  want <- reference_outputs(r$recipe, r$model, r$data$all)
  if (!identical(dim(got), dim(want$y))) {
    complain(when, ": predictions have shape ", toString(dim(got)), ", not ",
             toString(dim(want$y)))
  }
  scale <- max(1, abs(want$y))
  away <- max(abs(got - want$y)) / scale
  if (is.na(away) || away > tolerance_of(r$recipe)) {
    complain(when, ": predictions are ", signif(away, 3), " from the reference")
  }
  counted()
  if (want$masked) return()
  reset_state(r$model)
  loss <- evaluate(r$model, r$data$x, r$data$y, batch_size = r$recipe$batch,
                   verbose = 0)[[1]]
  want <- reference_loss(r$recipe$loss, r$data$y, want$y)
  # A probability near 0 has a loss that shakes more than it.
  if (is.na(loss) || abs(loss - want) > 20 * scale^2 * tolerance_of(r$recipe) *
        max(1, abs(want))) {
    complain(when, ": the loss is ", signif(loss, 6), ", not ",
             signif(want, 6))
  }
  counted()
}

same_bits <- function(a, b, what) {
  if (!identical(a, b)) complain(what)
  counted()
}

check_same_model <- function(other, r, what) {
  same_bits(get_weights(other), get_weights(r$model),
            paste(what, "holds other weights"))
  same_bits(ask(other, r$recipe, r$data), ask(r$model, r$recipe, r$data),
            paste(what, "predicts otherwise"))
}

# ---- what a round does -------------------------------------------------------

# fit() step by step in R is the twin of fit() on recorded steps.
train_both <- function(r) {
  epochs <- sample.int(3, 1)
  twin <- unserialize(serialize(r$model, NULL))
  run <- function(model, record) {
    old <- elman:::record_steps(record)
    on.exit(elman:::record_steps(old))
    set.seed(r$seed)
    history <- fit(model, r$data$x, r$data$y, epochs = epochs, verbose = 0,
                   batch_size = r$recipe$batch)
    list(history$metrics, get_weights(model), stats::runif(1))
  }
  same_bits(run(r$model, TRUE), run(twin, FALSE),
            "recorded steps train otherwise than steps as written")
}

train_some <- function(r) {
  quiet_fit(r, epochs = sample.int(3, 1),
            validation_data = if (chance(0.3)) list(r$data$x, r$data$y),
            sample_weight = if (chance(0.2)) stats::runif(r$data$n))
}

first_batch <- function(r) {
  rows <- seq_len(r$recipe$batch)
  x <- lapply(r$data$all, rows_of, rows)
  y <- r$data$y
  y <- if (is.null(dim(y))) y[rows] else rows_of(y, rows)
  list(x = if (length(x) > 1) x else x[[1]], y = y)
}

train_batches <- function(model, r) {
  batch <- first_batch(r)
  reset_state(model)
  set.seed(r$seed)
  for (k in 1:3) train_on_batch(model, batch$x, batch$y)
}

check_files <- function(r) {
  path <- function(end) file.path(r$folder, paste0("m", end))
  on.exit(unlink(path(c(".keras", ".weights.h5", ".rds"))))
  if (chance(0.5)) {
    save_model_weights(r$model, path(".weights.h5"))
    other <- build_model(r$recipe)
    load_model_weights(other, path(".weights.h5"))
    check_same_model(other, r, "a file of weights")
  }
  if (chance(0.5)) {
    saveRDS(r$model, path(".rds"))
    check_goes_on(readRDS(path(".rds")), r, "an .rds file")
  }
  if (chance(0.5)) {
    save_model(r$model, path(".keras"))
    check_goes_on(load_model(path(".keras")), r, "a .keras file")
    if (chance(0.03)) check_elsewhere(r, path(".keras"))
  }
}

# The copy and the model train on to the same bits; seeds of dropout begin anew
# in Keras's files. Rates that float32 in a configuration rounds are none here.
check_goes_on <- function(other, r, what) {
  check_same_model(other, r, what)
  if (grepl("keras", what) && has_dropout(r$model)) return()
  train_batches(other, r)
  train_batches(r$model, r)
  same_bits(get_weights(other), get_weights(r$model),
            paste(what, "trains on otherwise"))
}

has_dropout <- function(model) grepl("seed", get_text(model))
get_text <- function(model) {
  paste(names(unlist(get_config(model))), collapse = " ")
}

# A session that has never seen the model.
check_elsewhere <- function(r, path) {
  save_model(r$model, path, overwrite = TRUE)
  files <- file.path(r$folder, c("x.rds", "y.rds", "ask.R"))
  on.exit(unlink(files))
  saveRDS(r$data$x, files[1])
  writeLines(sprintf(paste(
    "suppressPackageStartupMessages(library(elman))",
    "model <- load_model('%s')", "x <- readRDS('%s')",
    "saveRDS(predict(model, x, batch_size = %d, verbose = 0), '%s')",
    sep = "\n"), path, files[1], as.integer(r$recipe$batch), files[2]),
    files[3])
  system2(file.path(R.home("bin"), "Rscript"), files[3])
  same_bits(readRDS(files[2]), ask(r$model, r$recipe, r$data),
            "another session predicts otherwise")
}

check_threads <- function(r) {
  here <- ask(r$model, r$recipe, r$data)
  old <- options(elman.threads = pick(1, elman_threads()))
  on.exit(options(old))
  same_bits(ask(r$model, r$recipe, r$data), here,
            "other threads predict otherwise")
}

do_round <- function(r) {
  check_predictions(r, "new")
  if (chance(0.4)) train_both(r) else train_some(r)
  check_predictions(r, "trained")
  train_batches(r$model, r)
  check_predictions(r, "after batches")
  check_files(r)
  for (name in r$faults) {
    faults()[[name]](r)
    counted()
    check_predictions(r, sub("fault_", "after ", name))
  }
  check_threads(r)
  # The model is whole: it goes on.
  train_some(r)
  check_predictions(r, "at the end")
}

run_round <- function(seed, k) {
  set.seed(seed)
  set.seed(sample.int(.Machine$integer.max, 1) %/% 2 + k)
  clear_session(free_memory = chance(0.2))
  checks$count <- 0
  r <- list(seed = k, recipe = draw_recipe(), folder = tempfile("soak"))
  dir.create(r$folder)
  on.exit(unlink(r$folder, recursive = TRUE))
  r$faults <- sample(names(faults()), pick(1, 2))
  wrong <- tryCatch({
    r$model <- build_model(r$recipe)
    r$data <- draw_data(r$recipe)
    do_round(r)
    ""
  }, error = function(e) {
    if (inherits(e, "complaint")) return(conditionMessage(e))
    paste0("error: ", conditionMessage(e))
  })
  config_set_floatx("float32")
  list(checks = checks$count, fault = sub("fault_", "", toString(r$faults)),
       text = recipe_text(r$recipe), wrong = wrong)
}

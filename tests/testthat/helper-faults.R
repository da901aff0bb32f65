# Sessions of their own under conditions that a test cannot make in this one.

# A small model, trained; `...` goes to fit().
train_small <- function(..., verbose = 0) {
  set.seed(1)
  model <- keras_model_sequential(input_shape = c(5, 2)) |>
    layer_lstm(3) |> layer_dense(1)
  compile(model, optimizer_adam(0.125), "mse", metrics = "mae")
  x <- array(sin(1:60), c(6, 5, 2))
  fit(model, x, cos(1:6), epochs = 2, verbose = verbose, ...)
  list(model = model, x = x)
}

predicted_here <- function() {
  small <- train_small()
  predict(small$model, small$x, verbose = 0)
}

# Runs `code`, which may use train_small(), in a new session after the shell
# command `before`; gives its value, or what it said where it ended before.
in_session <- function(code, before = ":", env = character()) {
  answer <- tempfile(fileext = ".rds")
  script <- tempfile(fileext = ".R")
  log <- tempfile()
  on.exit(unlink(c(answer, script, log)))
  code <- deparse(substitute(code))
  writeLines(c(load_code(), "library(elman)",
               "train_small <- ", deparse(train_small),
               "refused <- function(code) tryCatch({ code; 'no error' },",
               "  elman_error = function(e) 'elman_error',",
               "  error = function(e) conditionMessage(e))",
               "limit_files <- function(bytes) system2('prlimit', c(",
               "  '--pid', Sys.getpid(), sprintf('--fsize=%d', bytes)))",
               sprintf("answer <- %s", paste(code, collapse = "\n")),
               sprintf("saveRDS(answer, '%s')", answer)), script)
  command <- sprintf("%s; exec '%s' '%s'", before,
                     file.path(R.home("bin"), "Rscript"), script)
  system2("sh", c("-c", shQuote(command)), stdout = log, stderr = log,
          env = c(paste0("R_LIBS=", paste(.libPaths(), collapse = ":")), env))
  if (file.exists(answer)) readRDS(answer) else
    paste(readLines(log), collapse = "\n")
}

# The folder of a locale that is made for the test, or NULL where that cannot
# be.
made_locale <- function(name, charset) {
  folder <- tempfile("locale")
  dir.create(folder)
  language <- sub("[.].*", "", name)
  made <- suppressWarnings(system2(
    "localedef", c("-i", language, "-f", charset, file.path(folder, name)),
    stdout = FALSE, stderr = FALSE
  ))
  if (file.exists(file.path(folder, name, "LC_NUMERIC"))) folder
}

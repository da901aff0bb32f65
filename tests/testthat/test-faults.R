# What the system refuses or does otherwise: full disks, small stacks, other
# languages, forks that die. The answer is right or one classed error, and what
# was there before is whole.

# Sessions of their own are slow: R CMD check leaves them out.
skip_on_cran()
skip_on_os("windows")

test_that("where files cannot grow all writers say so and keep the old file", {
  skip_without_files()
  skip_if(!nzchar(Sys.which("prlimit")), "there is no prlimit")
  came <- in_session({
    limit_files(100000)
    folder <- tempfile()
    dir.create(folder)
    at <- function(name) file.path(folder, name)
    small <- keras_model_sequential(input_shape = c(2, 1)) |>
      layer_simple_rnn(1) |> layer_dense(1)
    large <- keras_model_sequential(input_shape = 60000) |> layer_dense(1)
    compile(large, optimizer_sgd(), "mse")
    texts <- list(text_tokenizer(), text_tokenizer())
    fit_text_tokenizer(texts[[1]], "one two")
    fit_text_tokenizer(texts[[2]], paste0("w", 1:20000))
    x <- matrix(0, 2, 60000)
    many <- matrix(0, 20000, 2)
    wide <- keras_model_sequential(input_shape = 2) |> layer_dense(3)
    rows <- list(many[1:2, ], many)
    models <- list(small, large)
    writers <- list(
      a.keras = function(k) save_model(models[[k]], at("a.keras"), TRUE),
      a.h5 = function(k) save_model(models[[k]], at("a.h5"), TRUE),
      a.weights.h5 = function(k) {
        save_model_weights(models[[k]], at("a.weights.h5"), TRUE)
      },
      a.onnx = function(k) {
        export_onnx(models[[k]], at("a.onnx"), overwrite = TRUE)
      },
      a.hpp = function(k) {
        export_cpp(models[[k]], at("a.hpp"), overwrite = TRUE)
      },
      tokenizer = function(k) save_text_tokenizer(texts[[k]], at("tokenizer")),
      a.csv = function(k) predict(wide, rows[[k]], into = at("a.csv"))
    )
    look <- function(name) readBin(at(name), "raw", 1e6)
    came <- lapply(names(writers), function(name) {
      said <- tryCatch({
        writers[[name]](1)
        ""
      }, error = conditionMessage)
      before <- if (file.exists(at(name))) look(name)
      list(first = said, second = refused(writers[[name]](2)),
           whole = length(before) && identical(look(name), before))
    })
    backup <- callback_backup_and_restore(at("backup"))
    came <- c(came, list(list(first = "", second = refused(
      fit(large, x, c(0, 0), callbacks = backup, verbose = 0)
    ), whole = TRUE)))
    names(came) <- c(names(writers), "backup")
    c(came, list(left = list.files(folder, "[.]tmp$", all.files = TRUE)))
  })
  expect_type(came, "list")
  expect_identical(came$left, character())
  for (name in setdiff(names(came), "left")) {
    expect_identical(came[[name]],
                     list(first = "", second = "elman_error", whole = TRUE),
                     label = name)
  }
})

test_that("a limit on files ends in an error, not the session", {
  skip_if(!nzchar(Sys.which("prlimit")), "there is no prlimit")
  came <- in_session({
    limit_files(100000)
    path <- tempfile()
    refused(elman:::replace_file(path, function(to) {
      elman:::write_bytes(raw(1e6), to)
    }))
  })
  expect_identical(came, "elman_error")
})

test_that("bytes are written and added; a path that is none is named", {
  path <- withr::local_tempfile()
  write_bytes(as.raw(1:3), path)
  write_bytes(as.raw(4), path, append = TRUE)
  expect_identical(readBin(path, "raw", 10), as.raw(1:4))
  write_bytes(raw(), path)
  expect_identical(file.size(path), 0)
  nowhere <- file.path(path, "below")
  expect_error(write_bytes(raw(1), nowhere), "directory")
})

# ---- sessions of other kinds -------------------------------------------------

test_that("a stack of 1 MB is enough to train", {
  skip_without_files()
  skip_if(load_code() != "NULL", "pkgload needs a larger stack")
  came <- in_session({
    small <- train_small()
    path <- tempfile(fileext = ".keras")
    save_model(small$model, path)
    predict(load_model(path), small$x, verbose = 0)
  }, before = "ulimit -s 1024")
  expect_identical(came, predicted_here())
})

# The session's own locale, a model through every text that is written and read.
expect_other_language <- function(env, tongue = NULL) {
  came <- in_session({
    tongue <- Sys.getenv("TEST_NUMERIC")
    comma <- if (nzchar(tongue)) {
      suppressWarnings(Sys.setlocale("LC_NUMERIC", tongue))
    }
    log <- tempfile(fileext = ".csv")
    small <- train_small(verbose = 2, callbacks = callback_csv_logger(log))
    model <- small$model
    x <- small$x
    path <- file.path(tempdir(), "caf\u00e9.keras")
    save_model(model, path)
    back <- load_model(path)
    again <- from_config(get_config(model))
    csv <- tempfile(fileext = ".csv")
    predict(model, x, into = csv, verbose = 0)
    list(predict(back, x, verbose = 0), back$optimizer$learning_rate,
         names(utils::read.csv(log)), utils::read.csv(csv)[[1]],
         refused(layer_dense(units = -1.5)), nzchar(format(model)[1]))
  }, env = env)
  here <- predicted_here()
  expect_type(came, "list")
  expect_identical(came[[1]], here)
  expect_equal(as.numeric(came[[2]]), 0.125)
  expect_identical(came[[3]], c("epoch", "loss", "mae", "val_loss", "val_mae"))
  expect_equal(came[[4]], c(here), tolerance = 1e-7)
  expect_identical(came[[5]], "elman_error")
}

test_that("a locale that is not UTF-8 changes nothing", {
  skip_without_files()
  expect_other_language("LC_ALL=C")
  folder <- made_locale("de_DE.ISO-8859-1", "ISO-8859-1")
  skip_if(is.null(folder), "locales cannot be made here")
  expect_other_language(c(paste0("LOCPATH=", folder),
                          "LC_ALL=de_DE.ISO-8859-1"))
})

test_that("decimal commas change nothing", {
  skip_without_files()
  folder <- made_locale("de_DE.UTF-8", "UTF-8")
  skip_if(is.null(folder), "locales cannot be made here")
  expect_other_language(c(paste0("LOCPATH=", folder), "LC_ALL=de_DE.UTF-8",
                          "TEST_NUMERIC=de_DE.UTF-8"))
})

test_that("output that nobody reads any more does not end training", {
  came <- in_session({
    model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
    compile(model, "sgd", "mse")
    history <- fit(model, matrix(0, 4, 2), 1:4, epochs = 3, verbose = 2)
    length(history$metrics$loss)
  }, before = "exec >&-")
  expect_identical(came, 3L)
})

# ---- forks -------------------------------------------------------------------

test_that("children that train, predict and die leave the parent's run alone", {
  data <- series_data(12)
  run <- function(act) {
    set.seed(3)
    model <- compiled_model(optimizer_adam(0.01))
    history <- fit(model, data$x, data$y, batch_size = 4, epochs = 3,
                   verbose = 0,
                   callbacks = at_event("on_train_batch_end", 4,
                                        function() act(model)))
    list(weight_bits(model), history$metrics, predict(model, data$x))
  }
  alone <- run(function(model) NULL)
  trains <- function(model) {
    in_child(train_on_batch(model, data$x, data$y))
    expect_identical(in_child(predict(model, data$x)), predict(model, data$x))
  }
  dies <- function(model) {
    expect_null(in_child({
      train_on_batch(model, data$x, data$y)
      tools::pskill(Sys.getpid(), tools::SIGKILL)
    }))
  }
  expect_identical(run(trains), alone)
  expect_identical(run(dies), alone)
})

test_that("two processes that train and save into one file leave a whole one", {
  skip_without_files()
  path <- withr::local_tempfile(fileext = ".keras")
  data <- series_data(12)
  save_model(compiled_model(), path)
  jobs <- lapply(1:2, function(k) {
    parallel::mcparallel({
      set.seed(k)
      model <- compiled_model()
      save <- callback_model_checkpoint(path)
      seen <- list()
      note <- callback_lambda(on_epoch_end = function(epoch, logs) {
        seen[[epoch]] <<- get_weights(model)
        NULL
      })
      fit(model, data$x, data$y, epochs = 15, verbose = 0,
          callbacks = list(note, save))
      seen
    })
  })
  # What is read in between is always a whole model.
  for (k in 1:5) expect_s3_class(load_model(path), "elman_model")
  seen <- unlist(parallel::mccollect(jobs), recursive = FALSE)
  expect_length(seen, 30)
  expect_true(list(get_weights(load_model(path))) %in% seen)
  left <- list.files(dirname(path), paste0("^[.]", basename(path)),
                     all.files = TRUE)
  expect_identical(left, character())
})

# ---- Ctrl-C outside of fit() -------------------------------------------------

test_that("Ctrl-C in predict() and evaluate() leaves the model as it was", {
  data <- series_data(400, time = 20)
  set.seed(4)
  model <- compiled_model(time = 20)
  want <- list(predict(model, data$x, batch_size = 2),
               evaluate(model, data$x, data$y, batch_size = 2, verbose = 0))
  calls <- list(
    function() predict(model, data$x, batch_size = 2, verbose = 0),
    function() evaluate(model, data$x, data$y, batch_size = 2, verbose = 0)
  )
  bits <- weight_bits(model)
  came <- in_child({
    shell <- pipe("sh", "w")
    waits <- stats::runif(20, 0, 0.05)
    whole <- vapply(waits, function(wait) {
      tryCatch({
        writeLines(sprintf("sleep %.4f; kill -INT %d", wait, Sys.getpid()),
                   shell)
        flush(shell)
        repeat for (call in calls) call()
      }, interrupt = function(condition) NULL)
      identical(weight_bits(model), bits) &&
        identical(lapply(calls, function(call) call()), want)
    }, NA)
    close(shell)
    whole
  })
  expect_identical(came, rep(TRUE, 20))
})

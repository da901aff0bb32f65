# Models that Keras 3.0 to 3.14 wrote, with what they predicted there, and with
# what the next step of Keras 3.15.1 makes of them. tests/live/older_keras.py
# makes both.

older_folder <- local({
  folder <- NULL
  function() {
    if (is.null(folder)) {
      folder <<- tempfile("older-keras-")
      utils::untar(test_path("older-keras.tar.xz"), exdir = folder)
      withr::defer(unlink(folder, recursive = TRUE), teardown_env())
    }
    folder
  }
})

older_versions <- function() list.files(older_folder())

older_numbers <- function(...) {
  aperm(array(sin(seq_len(prod(...))), rev(c(...))), rev(seq_along(c(...))))
}

older_data <- function(kind) {
  x <- older_numbers(c(3, 4, 2))
  y <- matrix(cos(1:6), 3, byrow = TRUE)
  switch(kind,
    words = list(
      x = rbind(c(1, 0, 4, 2), c(3, 3, 0, 0), c(2, 1, 0, 4)),
      y = diag(2)[c(1, 2, 1), ]
    ),
    series = list(x = x, y = y),
    graph = list(x = list(x, older_numbers(c(3, 3))), y = y)
  )
}

# The file of each version, and what was seen there. Keras 3.0 could not save
# the first model as .h5.
each_older <- function(kind, ending, check) {
  for (version in older_versions()) {
    if (paste0(version, kind, ending) == "3.0.5words.h5") next
    folder <- file.path(older_folder(), version)
    seen <- jsonlite::fromJSON(file.path(folder, "expected.json"))[[kind]]
    check(file.path(folder, paste0(kind, ending)), seen,
          paste0(version, "/", kind, ending))
  }
}

steps_of_keras <- function() {
  jsonlite::fromJSON(test_path("older-keras-steps.json"))
}

expect_as_seen <- function(model, kind, seen, label) {
  data <- older_data(kind)
  expect_equal(predict_on_batch(model, data$x), seen$before,
               tolerance = 2e-5, label = label)
  train_on_batch(model, data$x, data$y)
  after <- steps_of_keras()[[dirname(label)]][[kind]]
  expect_equal(predict_on_batch(model, data$x), after,
               tolerance = 2e-5, label = label)
}

for (kind in c("words", "series", "graph")) {
  test_that(paste("models of older versions train on:", kind), {
    skip_without_files()
    for (ending in c(".keras", ".h5")) {
      each_older(kind, ending, function(path, seen, label) {
        expect_as_seen(load_model(path), kind, seen, label)
      })
    }
  })

  test_that(paste("weights of older Keras come with their optimizer:", kind), {
    skip_without_files()
    each_older(kind, ".weights.h5", function(path, seen, label) {
      model <- load_model(sub("weights\\.h5$", "keras", path))
      set_weights(model, lapply(get_weights(model), function(w) w * 0))
      load_model_weights(model, path)
      expect_as_seen(model, kind, seen, label)
    })
  })
}

test_that("the versions are those from 3.0 on", {
  expect_setequal(older_versions(), c("3.0.5", "3.3.3", "3.6.0", "3.8.0",
                                      "3.10.0", "3.12.0", "3.14.1"))
})

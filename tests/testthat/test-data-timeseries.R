# The windows by their definition, in plain R; indices from 0.
windows_by_hand <- function(x, length, stride, rate, start, end) {
  starts <- seq(start, end - 1 - (length - 1) * rate, by = stride)
  windows <- lapply(starts, function(s) {
    x[1 + s + (seq_len(length) - 1) * rate]
  })
  do.call(rbind, windows)
}

all_of <- function(ds, part = 1) {
  do.call(rbind, iterate(ds, function(b) {
    as.array(if (is.list(b)) b[[part]] else b)
  }, simplify = FALSE))
}

test_that("windows are those of the definition", {
  x <- as.double(0:39)
  for (length in c(1, 3, 8)) for (stride in c(1, 4)) for (rate in 1:2) {
    ds <- timeseries_dataset_from_array(
      x, NULL, length, sequence_stride = stride, sampling_rate = rate,
      batch_size = 5, start_index = 2, end_index = 37
    )
    by_hand <- windows_by_hand(x, length, stride, rate, 2, 37)
    expect_equal(all_of(ds), by_hand, ignore_attr = TRUE)
    expect_length(ds, ceiling(nrow(by_hand) / 5))
  }
})

test_that("keras3's example of the last window holds", {
  ds <- timeseries_dataset_from_array(0:98, NULL, sequence_length = 10,
                                      sequence_stride = 3, sampling_rate = 2)
  windows <- all_of(ds)
  expect_equal(windows[1, ], seq(0, 18, by = 2))
  expect_equal(windows[nrow(windows), ], seq(78, 96, by = 2))
})

test_that("a target belongs to its window's start", {
  x <- matrix(as.double(1:30), 15)
  ds <- timeseries_dataset_from_array(x[1:12, ], x[4:15, 2], 3,
                                      batch_size = 4)
  b <- iter_next(as_iterator(ds))
  expect_equal(dim(b[[1]]), c(4, 3, 2))
  expect_equal(as.array(b[[1]])[2, , ], x[2:4, ])
  expect_equal(as.vector(b[[2]]), x[4:7, 2])
})

test_that("single windows have no batch axis", {
  ds <- timeseries_dataset_from_array(as.double(1:5), 1:5, 2,
                                      batch_size = NULL)
  expect_length(ds, 4)
  one <- iter_next(as_iterator(ds))
  expect_equal(as.array(one[[1]]), array(c(1, 2)))
  expect_equal(dim(one[[2]]), integer())
  expect_equal(length(ds$batch(3)), 2)
})

test_that("a shuffled dataset has a new order per pass, by set.seed or seed", {
  firsts <- function(ds) {
    unlist(iterate(ds, function(b) as.array(b)[, 1], simplify = FALSE))
  }
  make <- function(seed = NULL) {
    timeseries_dataset_from_array(as.double(1:50), NULL, 4, batch_size = 7,
                                  shuffle = TRUE, seed = seed)
  }
  set.seed(1)
  one <- firsts(make())
  expect_setequal(one, 1:47)
  set.seed(1)
  ds <- make()
  expect_equal(firsts(ds), one)
  expect_false(identical(firsts(ds), one))
  # A seed of its own leaves R's numbers alone.
  set.seed(1)
  before <- .Random.seed
  seeded <- make(7)
  passes <- list(firsts(seeded), firsts(seeded))
  expect_identical(.Random.seed, before)
  expect_setequal(passes[[1]], 1:47)
  expect_false(identical(passes[[1]], passes[[2]]))
  again <- make(7)
  expect_identical(list(firsts(again), firsts(again)), passes)
})

test_that("training on windows equals training on the arrays of all windows", {
  x <- sin(1:40 / 3)
  run <- function(...) {
    set.seed(1)
    model <- keras_model_sequential(input_shape = c(6, 1)) |>
      layer_simple_rnn(3) |>
      layer_dense(1)
    compile(model, optimizer_sgd(0.1), "mse")
    history <- fit(model, ..., epochs = 2)
    list(history$metrics, get_weights(model))
  }
  ds <- timeseries_dataset_from_array(x[1:34], x[7:40], 6, batch_size = 8)
  windows <- windows_by_hand(x, 6, 1, 1, 0, 34)
  expect_equal(run(ds),
               run(windows, x[7:35], batch_size = 8, shuffle = FALSE))
})

test_that("what leaves no window or no target is named", {
  x <- 1:10
  expect_snapshot(error = TRUE, {
    timeseries_dataset_from_array(x, NULL, 11)
    timeseries_dataset_from_array(x, NULL, 4, sampling_rate = 4)
    timeseries_dataset_from_array(x, NULL, 0)
    timeseries_dataset_from_array(x, NULL, 2, sequence_stride = 10)
    timeseries_dataset_from_array(x, NULL, 2, sampling_rate = 10)
    timeseries_dataset_from_array(x, NULL, 2, start_index = -1)
    timeseries_dataset_from_array(x, NULL, 2, start_index = 10)
    timeseries_dataset_from_array(x, NULL, 2, end_index = 10)
    timeseries_dataset_from_array(x, NULL, 2, start_index = 5, end_index = 5)
    timeseries_dataset_from_array(x, 1:5, 2, start_index = 3)
    timeseries_dataset_from_array(x, sequence_length = 2)
    timeseries_dataset_from_array(letters, NULL, 2)
    timeseries_dataset_from_array(x, NULL, 2, batch_size = 0)
  })
})

test_that("old scripts' windows lie before their target", {
  x <- as.double(0:19)
  ds <- timeseries_generator(x, x * 10, length = 6, sampling_rate = 2,
                             stride = 3, batch_size = 2, start_index = 1,
                             end_index = 18)
  rows <- seq(7, 18, by = 3)
  expect_equal(as.vector(unlist(iterate(ds, function(b) as.array(b[[2]]),
                                        simplify = FALSE))), rows * 10)
  expect_equal(all_of(ds), cbind(rows - 6, rows - 4, rows - 2),
               ignore_attr = TRUE)
  back <- timeseries_generator(x, x, length = 3, reverse = TRUE)
  expect_equal(all_of(back)[1, ], c(2, 1, 0))
  # 12 steps from 7 to 18 make two batches of 2 of every third; drawn at random.
  set.seed(1)
  drawn <- timeseries_generator(x, x, length = 6, stride = 3, batch_size = 2,
                                start_index = 1, end_index = 18,
                                shuffle = TRUE)
  expect_length(drawn, 2)
  expect_true(all(all_of(drawn)[, 1] %in% 1:12))
  expect_error(timeseries_generator(x, x[-1], 3),
               class = "elman_error_argument")
  expect_error(timeseries_generator(x, x, 20), class = "elman_error_argument")
})

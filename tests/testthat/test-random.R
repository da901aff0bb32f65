# Random numbers follow set.seed() and nothing else.

test_that("set.seed() repeats tensors, for any number of threads", {
  draw <- function() {
    set.seed(42)
    list(as.array(random_uniform(c(100, 37))), as.double(random_normal(5)))
  }
  first <- with_threads(1, draw())
  expect_identical(with_threads(2, draw()), first)
  expect_false(identical(as.array(random_uniform(c(100, 37))), first[[1]]))
})

test_that("a whole number as seed repeats, a generator goes on", {
  expect_identical(random_normal(4, seed = 7), random_normal(4, seed = 7))
  g <- random_seed_generator(7)
  a <- random_normal(4, seed = g)
  b <- random_normal(4, seed = g)
  expect_false(identical(a, b))
  expect_identical(random_normal(4, seed = random_seed_generator(7)), a)
})

test_that("a seed leaves R's generator alone", {
  set.seed(1)
  before <- .Random.seed
  random_uniform(3, seed = 1)
  expect_identical(.Random.seed, before)
})

test_that("draws have the moments and ranges that they should", {
  set.seed(3)
  u <- as.double(random_uniform(1e5, -1, 3))
  expect_true(all(u >= -1 & u < 3))
  # Standard errors: 4/sqrt(12)/sqrt(1e5) = 0.0037; five of them are allowed.
  expect_lt(abs(mean(u) - 1), 0.019)
  z <- as.double(random_normal(1e5, mean = 2, stddev = 3, dtype = "float64"))
  expect_lt(abs(mean(z) - 2), 5 * 3 / sqrt(1e5))
  expect_gt(stats::ks.test((z - 2) / 3, "pnorm")$p.value, 1e-4)
  t <- as.double(random_truncated_normal(1e5))
  expect_true(all(abs(t) <= 2))
  # The variance of the normal cut at two is 0.7737.
  expect_lt(abs(stats::var(t) - 0.7737), 0.02)
  i <- as.integer(random_integer(1e5, 1, 4))
  expect_setequal(i, 1:3)
})

test_that("bad ranges and shapes are refused", {
  expect_error(random_uniform(c(NA, 2)), class = "elman_error_argument")
  expect_error(random_integer(2, 5, 5), class = "elman_error_argument")
  expect_error(random_normal(2, stddev = -1), class = "elman_error_argument")
  expect_error(set_random_seed("a"), class = "elman_error_argument")
})

test_that("set_random_seed() is set.seed()", {
  set_random_seed(5)
  a <- runif(1)
  set.seed(5)
  expect_identical(runif(1), a)
})

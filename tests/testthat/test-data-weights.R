test_that("class weights become sample weights", {
  w <- function(y, weights) {
    as.vector(weights_of_classes(weights, as_tensor(y)))
  }
  expect_equal(w(c(0, 2, 0), c("0" = 1, "2" = 5)), c(1, 5, 1))
  expect_equal(w(matrix(c(1, 0)), list("0" = 2, "1" = 3)), c(3, 2))
  expect_equal(w(diag(3), c("0" = 2, "1" = 3, "2" = 4)), c(2, 3, 4))
})

test_that("a class without a weight is named", {
  expect_error(weights_of_classes(c("0" = 1, "2" = 5), as_tensor(c(0, 2, 1))),
               "none for \"1\"", class = "elman_error_argument")
})

test_that("class weights are for one output of one class per sample", {
  refused <- function(code, regexp) {
    expect_error(code, regexp, class = "elman_error_argument")
  }
  weights <- c("0" = 1)
  refused(feed_weights(NULL, weights, list(1, 2), c("a", "b")),
          "needs a model with one output")
  refused(feed_weights(1, weights, list(1), "a"), "Only one of")
  refused(weights_of_classes(weights, as_tensor(array(0, c(2, 3, 4)))),
          "use `sample_weight`")
  refused(weights_of_classes(c(a = 1), as_tensor(0)),
          "named by 0-based classes")
})

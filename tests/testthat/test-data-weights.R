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

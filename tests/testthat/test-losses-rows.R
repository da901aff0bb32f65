# Settings of every row kernel, with targets and predictions that fit.
row_cases <- function() {
  withr::local_seed(1)
  unlist(recursive = FALSE, lapply(list(2L, c(1L, 1L), 3L, c(5L, 9L)),
                                   function(width) {
    rows <- if (length(width) > 1) width[1] else 4L
    classes <- width[length(width)]
    share <- function() matrix(runif(rows * classes, 0.05, 0.95), rows)
    real <- function() matrix(rnorm(rows * classes), rows)
    id <- sample(classes, rows, replace = TRUE) - 1
    hot <- diag(classes)[id + 1, , drop = FALSE]
    yes <- matrix(as.double(runif(rows * classes) < 0.5), rows)
    list(
      list(loss_mean_squared_error(), real(), real()),
      list(loss_mean_absolute_error(), real(), real()),
      list(loss_binary_crossentropy(), yes, share()),
      list(loss_binary_crossentropy(label_smoothing = 0.2), yes, share()),
      list(loss_binary_crossentropy(from_logits = TRUE), yes, 3 * real()),
      list(loss_categorical_crossentropy(), hot, share()),
      list(loss_categorical_crossentropy(label_smoothing = 0.2), hot, share()),
      list(loss_categorical_crossentropy(from_logits = TRUE), share(), real()),
      list(loss_sparse_categorical_crossentropy(), id, share()),
      list(loss_sparse_categorical_crossentropy(from_logits = TRUE), id,
           real()),
      list(loss_sparse_categorical_crossentropy(ignore_class = 0), id, share())
    )
  }))
}

# The elements by ops, which have derivatives of their own.
by_parts <- function(self, y, p) {
  sample_values(self$elements(if (self$class_numbers) y else
                                match_target(y, p), p), self$axis)
}

test_that("one kernel gives what the parts give, in value and gradient", {
  with_floatx("float64", for (case in row_cases()) {
    self <- loss_object(case[[1]])
    y <- as_data(case[[2]], "y")
    rows <- function(p) run_row_loss(self, y, p, mean = FALSE)
    parts <- function(p) by_parts(self, y, p)
    p <- as_tensor(case[[3]])
    expect_equal(as.array(rows(p)), as.array(parts(p)), tolerance = 1e-12)
    slope <- function(f) {
      weights <- array(cos(seq_len(nrow(case[[3]]))))
      weighted <- function(p) op_sum(op_multiply(f(p), weights))
      as.array(value_and_grad(weighted)(p)$gradients[[1]])
    }
    expect_equal(slope(rows), slope(parts), tolerance = 1e-10)
  })
})

test_that("the mean of a batch has the gradient that differences have", {
  for (case in row_cases()) {
    self <- loss_object(case[[1]])
    y <- as_data(case[[2]], "y")
    fn <- function(p) {
      fused_loss(self, y, p) %||% op_mean(by_parts(self, y, p))
    }
    expect_gradient(fn, case[[3]])
  }
})

test_that("probabilities beyond the bounds have no slope", {
  p <- as_tensor(matrix(c(0, 1, 1, 0), 2), "float64")
  for (loss in list(loss_binary_crossentropy(),
                    loss_categorical_crossentropy())) {
    self <- loss_object(loss)
    y <- as_tensor(matrix(c(1, 0, 0, 1), 2), "float64")
    got <- value_and_grad(function(p) fused_loss(self, y, p))(p)
    expect_equal(as.vector(as.array(got$gradients[[1]])), c(0, 0, 0, 0))
    expect_true(is.finite(as.numeric(got$value)))
  }
})

test_that("sums count samples, whatever their steps", {
  p <- array(runif(24), c(4, 3, 2))
  y <- array(runif(24), c(4, 3, 2))
  sums <- row_sums(loss_object(loss_mean_squared_error()), as_tensor(y),
                   as_tensor(p))
  expect_equal(as.numeric(sums), c(4 * mean((y - p)^2), 4), tolerance = 1e-6)
})

test_that("what the kernel cannot do is left to the parts", {
  y <- as_tensor(matrix(1, 2, 1))
  mse <- loss_object(loss_mean_squared_error())
  masked <- set_mask(y, as_tensor(matrix(TRUE, 2, 1)))
  expect_null(fused_loss(mse, y, masked))
  expect_null(fused_loss(loss_object(loss_mean_squared_error(
    reduction = "sum")), y, y))
  expect_null(fused_loss(mse, as_tensor(matrix(1, 2, 2)), y))
  # Second derivatives.
  second <- value_and_grad(function(x) {
    op_sum(value_and_grad(function(x) loss_mean_squared_error()(y, x))(x)
           $gradients[[1]])
  })(matrix(0, 2, 1))
  expect_equal(as.vector(as.array(second$gradients[[1]])), c(1, 1))
})

test_that("the kernel refuses class numbers outside the classes", {
  loss <- loss_sparse_categorical_crossentropy()
  p <- as_tensor(matrix(1 / 3, 2, 3))
  expect_snapshot(error = TRUE, {
    loss(as_tensor(c(0, 3)), p)
    loss(as_tensor(c(-1L, 0L)), p)
  })
})

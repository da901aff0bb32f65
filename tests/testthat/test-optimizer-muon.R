muon_rule <- function(lr, decay = 0.1, steps = 6, nesterov = TRUE,
                      rms_rate = 0.2, adam_decay = 0.004) {
  function(state, w, g, t) {
    if (length(dim(g)) != 2) {
      return(adam_rule(lr * 0.1)(state, w * (1 - lr * adam_decay), g, t))
    }
    m <- 0.95 * (state %||% 0) + g
    x <- if (nesterov) g + 0.95 * m else m
    x <- x / (sqrt(sum(x^2)) + 1e-7)
    for (k in seq_len(steps)) {
      a <- x %*% t(x)
      x <- 3.4445 * x + (-4.775 * a + 2.0315 * a %*% a) %*% x
    }
    size <- if (is.null(rms_rate)) 1 else rms_rate * sqrt(max(dim(w)))
    list(w = w * (1 - lr * decay) - lr * size * x, state = m)
  }
}

test_that("muon follows its rule", {
  expect_follows_rule(optimizer_muon(0.1), muon_rule(0.1))
  expect_follows_rule(
    optimizer_muon(0.1, weight_decay = NULL, ns_steps = 3L, nesterov = FALSE,
                   rms_rate = NULL, adam_weight_decay = NULL),
    muon_rule(0.1, 0, 3, FALSE, NULL, 0)
  )
})

test_that("muon leaves vectors, embeddings and excluded layers to adam", {
  variable <- function(shape, path) {
    new_variable(op_zeros(shape), "kernel", path = path)
  }
  follows <- function(optimizer) {
    optimizer$build(list(
      variable(c(2, 2), "model/dense/kernel"), variable(2, "model/dense/bias"),
      variable(c(2, 2), "model/Embedding_1/kernel"),
      variable(c(2, 2), "model/head/kernel")
    ))
    !vapply(optimizer$slots$velocity, is.null, NA)
  }
  expect_equal(follows(optimizer_muon()), c(FALSE, TRUE, TRUE, FALSE))
  expect_equal(follows(optimizer_muon(exclude_layers = "he.d")),
               c(FALSE, TRUE, TRUE, TRUE))
  expect_equal(follows(optimizer_muon(exclude_embeddings = FALSE)),
               c(FALSE, TRUE, FALSE, FALSE))
})

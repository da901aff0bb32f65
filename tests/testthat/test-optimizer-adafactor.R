adafactor_rule <- function(lr, decay = -0.8, e1 = 1e-30, e2 = 1e-3,
                           threshold = 1) {
  rms <- function(x) sqrt(mean(x^2))
  function(state, w, g, t) {
    s <- state %||% list(r = 0, c = 0, v = 0)
    b <- 1 - t^decay
    square <- g^2 + e1
    if (length(dim(g)) == 2) {
      s$r <- b * s$r + (1 - b) * rowMeans(square)
      s$c <- b * s$c + (1 - b) * colMeans(square)
      s$v <- outer(s$r / mean(s$r), s$c)
    } else {
      s$v <- b * s$v + (1 - b) * square
    }
    u <- g / sqrt(s$v)
    u <- u / max(1, rms(u) / threshold)
    list(w = w - max(e2, rms(w)) * min(lr, 1 / sqrt(t)) * u, state = s)
  }
}

test_that("adafactor follows its rule", {
  expect_follows_rule(optimizer_adafactor(0.01), adafactor_rule(0.01))
  expect_follows_rule(
    optimizer_adafactor(1, -0.5, 1e-3, 2, 0.5, relative_step = FALSE),
    adafactor_rule(1, -0.5, 1e-3, 2, 0.5)
  )
})

test_that("adafactor keeps a row, a column and all of a matrix", {
  optimizer <- optimizer_adafactor()
  optimizer$build(list(new_variable(op_zeros(c(2, 3, 4)), "w"),
                       new_variable(op_zeros(5), "b")))
  shapes <- lapply(optimizer$variables[-(1:2)], shape_of)
  expect_equal(shapes, list(2:3, c(2L, 4L), 2:4, integer(), integer(), 5L))
})

# Einstein's notation against loops, and patterns against aperm().

f64 <- function(x) as_tensor(x, "float64")
a <- array(sin(1:24), c(2, 3, 4))
b <- array(cos(1:60), c(4, 3, 5))
m <- matrix(c(1, 2, 3, 4), 2)

# The sum over all letters, one element after the other.
loop_einsum <- function(inputs, output, ...) {
  xs <- list(...)
  sizes <- list()
  for (k in seq_along(xs)) {
    sizes[inputs[[k]]] <- as.list(dim(xs[[k]]))
  }
  all <- as.matrix(expand.grid(lapply(sizes, seq_len)))
  y <- array(0, if (length(output)) unlist(sizes[output]) else 1L)
  for (i in seq_len(nrow(all))) {
    product <- 1
    for (k in seq_along(xs)) {
      product <- product * xs[[k]][all[i, inputs[[k]], drop = FALSE]]
    }
    at <- if (length(output)) all[i, output, drop = FALSE] else 1L
    y[at] <- y[at] + product
  }
  unname(y)
}

test_that("products by letters agree with loops and have gradients", {
  cases <- list(
    list("ijk,kjl->il", list(a, b)), list("ijk,kjl->lji", list(a, b)),
    list("ijk->k", list(a)), list("ijk,kjl->", list(a, b)),
    list("ij,jk,kl->il", list(m, m + 1, m - 2)),
    list("i,j->ij", list(1:2, 3:5)), list("ii->i", list(m)),
    list("ii->", list(m)), list("ij,ij->ij", list(m, m)),
    list("iji,j->i", list(array(1:12, c(2, 3, 2)), 1:3)),
    list("ijk,ijk->i", list(a, a))
  )
  for (case in cases) {
    xs <- lapply(case[[2]], function(x) {
      array(as.numeric(x), dim(x) %||% length(x))
    })
    sides <- strsplit(paste0(case[[1]], " "), "->")[[1]]
    inputs <- strsplit(strsplit(sides[1], ",")[[1]], "")
    output <- strsplit(trimws(sides[2]), "")[[1]]
    want <- do.call(loop_einsum, c(list(inputs, output), xs))
    got <- do.call(op_einsum, c(list(case[[1]]), lapply(xs, f64)))
    expect_equal(as.vector(as.array(got)), as.vector(want))
    do.call(expect_gradient, c(list(function(...) op_einsum(case[[1]], ...)),
                               xs))
  }
})

test_that("dots stand for further axes, and no arrow for letters once", {
  expect_equal(as.array(op_einsum("...ij->...ji", f64(a))),
               aperm(a, c(1, 3, 2)))
  expect_equal(as.array(op_einsum("ba", f64(m))), t(m))
  expect_equal(as.array(op_einsum("ij,jk", f64(m), f64(m))), m %*% m)
  got <- as.array(op_einsum("...i,ij->...j", f64(a), f64(matrix(1:8 + 0, 4))))
  expect_equal(got[2, 3, ], drop(a[2, 3, ] %*% matrix(1:8, 4)))
  spread <- op_einsum("...i,...i->...", f64(a), f64(array(1, c(1, 3, 4))))
  expect_equal(as.array(spread), apply(a, 1:2, sum))
  expect_gradient(function(x, y) op_einsum("...i,...i->...", x, y), a,
                  array(1, c(1, 3, 4)))
})

test_that("subscripts that do not fit are refused", {
  expect_error(op_einsum("ij,jk->ik", m), class = "elman_error_argument")
  expect_error(op_einsum("ijk->i", m), class = "elman_error_argument")
  expect_error(op_einsum("ij->ik", m), class = "elman_error_argument")
  expect_error(op_einsum("ij->ii", m), class = "elman_error_argument")
  expect_error(op_einsum("i1->i", m), class = "elman_error_argument")
  expect_error(op_einsum("ij,ik->jk", m, a[, , 1][1, , drop = FALSE]),
               class = "elman_error_shape")
  expect_error(op_einsum("ii", matrix(1:6, 2)), class = "elman_error_shape")
})

test_that("patterns split, permute and join axes", {
  x <- f64(a)
  expect_equal(as.array(op_rearrange(x, "b h w -> w b h")),
               aperm(a, c(3, 1, 2)))
  expect_identical(dim(op_rearrange(x, "b h w -> (h b) w")), c(6L, 4L))
  expect_identical(dim(op_rearrange(x, "b h (w c) -> b (c h) w", c = 2)),
                   c(2L, 6L, 2L))
  expect_equal(as.array(op_rearrange(1:6, "(a b) -> b a", a = 2)),
               matrix(1:6, 3))
  expect_gradient(function(x) op_rearrange(x, "b h (w c) -> (b c) h w", w = 2),
                  a)
  expect_error(op_rearrange(x, "b h -> h b"), class = "elman_error_shape")
  expect_error(op_rearrange(x, "b h w -> b h"), class = "elman_error_argument")
  expect_error(op_rearrange(x, "b h (w c) -> b h w c", c = 3),
               class = "elman_error_shape")
})

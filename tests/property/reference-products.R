# Products, normalization and convolution in plain R, as in reference-ops.R.

each_matrix <- function(f) {
  function(x, i, a) {
    d <- dims_of(x[[1]])
    if (length(d) == 2L) return(f(x[[1]]))
    y <- apply(x[[1]], 1, function(m) f(matrix(m, d[2])))
    if (length(y) == d[1]) return(array(y))
    aperm(array(y, d[c(2, 3, 1)]), c(3, 1, 2))
  }
}
softmax_of <- function(v) exp(v - max(v)) / sum(exp(v - max(v)))
last_lines <- function(x, f) lines_along(x, -1, f)
scaled <- function(x, w) x * spread(w, dims_of(x))
op_references <- c(op_references, list(
  inv = each_matrix(solve), det = each_matrix(det),
  outer = function(x, i, a) outer(by_row(x[[1]]), by_row(x[[2]])),
  vdot = function(x, i, a) sum(x[[1]] * x[[2]]),
  inner = function(x, i, a) {
    n <- utils::tail(dims_of(x[[1]]), 1)
    array(matrix(x[[1]], ncol = n) %*% t(matrix(x[[2]], ncol = n)),
          c(utils::head(dims_of(x[[1]]), -1), utils::head(dims_of(x[[2]]), -1)))
  },
  dot = function(x, i, a) {
    n <- utils::tail(dims_of(x[[1]]), 1)
    array(matrix(x[[1]], ncol = n) %*% matrix(x[[2]], n),
          c(utils::head(dims_of(x[[1]]), -1), dims_of(x[[2]])[-1]))
  },
  tensordot = function(x, i, a) {
    d <- dims_of(x[[1]])
    left <- matrix(aperm(x[[1]], c(2, 3, 1)), d[2])
    right <- matrix(x[[2]], d[3] * d[1])
    array(left %*% right, c(d[2], dims_of(x[[2]])[-(1:2)]))
  },
  softmax = function(x, i, a) lines_along(x[[1]], a$axis, softmax_of),
  log_softmax = function(x, i, a) {
    lines_along(x[[1]], a$axis, function(v) log(softmax_of(v)))
  },
  layer_normalization = function(x, i, a) {
    y <- last_lines(x[[1]], function(v) {
      (v - mean(v)) / sqrt(spread_of(v) + a$epsilon)
    })
    scaled(y, x[[2]]) + spread(x[[3]], dims_of(y))
  },
  rms_normalization = function(x, i, a) {
    scaled(last_lines(x[[1]], function(v) v / sqrt(mean(v^2) + a$epsilon)),
           x[[2]])
  },
  batch_normalization = function(x, i, a) {
    d <- dims_of(x[[1]])
    k <- axis_at(a$axis, 3)
    lead <- c(d[k], rep(1, 3 - k))
    (x[[1]] - spread(array(x[[2]], lead), d)) /
      sqrt(spread(array(x[[3]], lead), d) + a$epsilon)
  },
  psnr = function(x, i, a) {
    20 * log10(a$max_val) - 10 * log10(mean((x[[1]] - x[[2]])^2))
  },
  conv = function(x, i, a) ref_windows(x[[1]], x[[2]], a)
))

# A convolution along one axis.
ref_windows <- function(x, kernel, a) {
  size <- dim(kernel)[1]
  reach <- (size - 1) * a$dilation_rate + 1
  time <- dim(x)[2]
  count <- if (a$padding == "same") ceiling(time / a$strides) else
    (time - reach) %/% a$strides + 1
  lack <- max((count - 1) * a$strides + reach - time, 0)
  before <- if (a$padding == "same") lack %/% 2 else 0
  y <- array(0, c(dim(x)[1], count, dim(kernel)[3]))
  for (o in seq_len(count)) for (k in seq_len(size)) {
    at <- (o - 1) * a$strides + (k - 1) * a$dilation_rate + 1 - before
    if (at < 1 || at > time) next
    y[, o, ] <- y[, o, ] + matrix(x[, at, ], dim(x)[1]) %*%
      matrix(kernel[k, , ], dim(x)[3])
  }
  y
}

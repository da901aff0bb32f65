# Operations in plain R: functions of the arrays, the whole numbers and the
# further arguments of a case of tests/live/kind-op.R, which give an array or a
# list of them. Arrays are R's; whatever reads them in order reads them row by
# row.

# ---- axes and places ---------------------------------------------------------

dims_of <- function(x) if (is.null(dim(x))) length(x) else dim(x)
by_row <- function(x) as.vector(aperm(x, rev(seq_along(dims_of(x)))))
from_row <- function(v, d) aperm(array(v, rev(d)), rev(seq_along(d)))
axis_at <- function(axis, rank) if (axis > 0) axis else rank + 1 + axis

# f of each line along an axis: a number, or some that take its place.
along <- function(x, axis, f, keepdims = FALSE) {
  d <- dims_of(x)
  if (is.null(axis)) {
    y <- f(by_row(x))
    return(if (keepdims) array(y, rep(1, length(d))) else y)
  }
  k <- axis_at(axis, length(d))
  y <- if (length(d) == 1L) f(as.vector(x)) else
    apply(x, seq_along(d)[-k], f)
  m <- length(y) / prod(d[-k])
  if (m != 1 || isTRUE(keepdims) || is.na(keepdims)) {
    others <- seq_along(d)[-k]
    y <- array(y, c(m, d[-k]))
    return(aperm(y, order(c(k, others))))
  }
  if (length(d) == 1L) y else array(y, d[-k])
}
# Lines that stay lines, of one number as well.
lines_along <- function(x, axis, f) along(x, axis, f, keepdims = NA)

# The place of one axis of an array, the others whole.
at_axis <- function(x, k, index) {
  d <- dims_of(x)
  do.call(`[`, c(list(array(x, d)), rep(list(TRUE), k - 1), list(index),
                 rep(list(TRUE), length(d) - k), list(drop = FALSE)))
}

# Spread over a larger shape, as NumPy does.
spread <- function(x, d) {
  own <- c(rep(1, length(d) - length(dims_of(x))), dims_of(x))
  x <- array(x, own)
  for (k in seq_along(d)) {
    if (own[k] != d[k]) x <- at_axis(x, k, rep(1, d[k]))
  }
  x
}
joint_dims <- function(a, b) {
  rank <- max(length(a), length(b))
  pmax(c(rep(1, rank - length(a)), a), c(rep(1, rank - length(b)), b))
}
paired <- function(f) {
  function(x, i, a) {
    two <- c(x, i)
    d <- joint_dims(dims_of(two[[1]]), dims_of(two[[2]]))
    array(f(as.vector(spread(two[[1]], d)), as.vector(spread(two[[2]], d))), d)
  }
}
single <- function(f) {
  function(x, i, a) {
    x <- c(x, i)[[1]]
    array(as.double(f(as.vector(x))), dims_of(x))
  }
}
reduced <- function(f) {
  function(x, i, a) along(c(x, i)[[1]], a$axis, f, isTRUE(a$keepdims))
}

# ---- element by element ------------------------------------------------------

selu <- function(x) {
  1.0507009873554805 * ifelse(x > 0, x, 1.6732632423543772 * expm1(x))
}
op_references <- c(lapply(list(
  abs = abs, negative = function(x) -x, sign = sign,
  square = function(x) x^2, exp = exp, expm1 = expm1, sin = sin, cos = cos,
  tan = tan, arctan = atan, sinh = sinh, cosh = cosh, tanh = tanh,
  arcsinh = asinh, erf = function(x) 2 * stats::pnorm(x * sqrt(2)) - 1,
  floor = floor, ceil = ceiling, trunc = trunc,
  cbrt = function(x) sign(x) * abs(x)^(1 / 3), exp2 = function(x) 2^x,
  deg2rad = function(x) x * pi / 180, angle = function(x) pi * (x < 0),
  real = function(x) x, conj = function(x) x, imag = function(x) 0 * x,
  nan_to_num = function(x) x, signbit = function(x) x < 0,
  sigmoid = function(x) 1 / (1 + exp(-x)),
  softplus = function(x) pmax(x, 0) + log1p(exp(-abs(x))),
  silu = function(x) x / (1 + exp(-x)), selu = selu, sqrt = sqrt,
  rsqrt = function(x) 1 / sqrt(x), log = log, log1p = log1p, log2 = log2,
  log10 = log10, reciprocal = function(x) 1 / x, arcsin = asin,
  arccos = acos, arctanh = atanh,
  erfinv = function(x) stats::qnorm((x + 1) / 2) / sqrt(2),
  bitwise_not = function(x) -x - 1, bitwise_invert = function(x) -x - 1
), single), lapply(list(
  add = `+`, subtract = `-`, multiply = `*`, divide = `/`, arctan2 = atan2,
  logaddexp = function(x, y) pmax(x, y) + log1p(exp(-abs(x - y))),
  heaviside = function(x, y) ifelse(x < 0, 0, ifelse(x > 0, 1, y)),
  divide_no_nan = function(x, y) ifelse(y == 0, 0, x / y),
  isclose = function(x, y) abs(x - y) <= 1e-8 + 1e-5 * abs(y),
  greater = `>`, less_equal = `<=`, maximum = pmax, minimum = pmin,
  power = `^`, bitwise_and = bitwAnd, bitwise_or = bitwOr,
  bitwise_xor = bitwXor, bitwise_left_shift = function(x, y) x * 2^y,
  left_shift = function(x, y) x * 2^y,
  bitwise_right_shift = function(x, y) x %/% 2^y,
  right_shift = function(x, y) x %/% 2^y
), paired))

# ---- reductions --------------------------------------------------------------

spread_of <- function(x) mean((x - mean(x))^2)
quantile_of <- function(q, method) {
  function(x) {
    x <- sort(x)
    at <- (length(x) - 1) * q + 1
    switch(method, lower = x[floor(at)], higher = x[ceiling(at)],
           midpoint = (x[floor(at)] + x[ceiling(at)]) / 2,
           x[floor(at)] + (at - floor(at)) * (x[ceiling(at)] - x[floor(at)]))
  }
}
op_references <- c(op_references, lapply(list(
  sum = sum, mean = mean, var = spread_of,
  std = function(x) sqrt(spread_of(x)), prod = prod, max = max, min = min,
  logsumexp = function(x) max(x) + log(sum(exp(x - max(x)))),
  median = stats::median, count_nonzero = function(x) sum(x != 0)
), reduced), list(
  quantile = function(x, i, a) {
    x <- x[[1]]
    f <- quantile_of(a$q, a$method)
    if (is.null(a$axis)) return(f(as.vector(x)))
    k <- axis_at(a$axis, length(dim(x)))
    y <- lines_along(x, a$axis, f)
    aperm(y, c(k, seq_along(dim(x))[-k]))
  },
  cumsum = function(x, i, a) {
    if (is.null(a$axis)) cumsum(by_row(x[[1]])) else
      lines_along(x[[1]], a$axis, cumsum)
  },
  cumprod = function(x, i, a) {
    if (is.null(a$axis)) cumprod(by_row(x[[1]])) else
      lines_along(x[[1]], a$axis, cumprod)
  },
  moments = function(x, i, a) {
    list(along(x[[1]], a$axes, mean, isTRUE(a$keepdims)),
         along(x[[1]], a$axes, spread_of, isTRUE(a$keepdims)))
  },
  average = function(x, i, a) {
    w <- unlist(a$weights)
    along(x[[1]], a$axis, function(v) sum(v * w) / sum(w))
  },
  diff = function(x, i, a) lines_along(x[[1]], a$axis, diff)
))

# ---- order and places --------------------------------------------------------

take_at <- function(x, index, k) {
  d <- dims_of(x)
  y <- at_axis(x, k, by_row(index))
  # The places of the index, read row by row, take that of the axis.
  new <- dims_of(index)
  y <- aperm(y, c(k, seq_along(d)[-k]))
  y <- array(y, c(prod(new), d[-k]))
  places <- as.vector(from_row(seq_len(prod(new)), new))
  y <- array(at_axis(y, 1, places), c(new, d[-k]))
  before <- seq_len(k - 1)
  aperm(y, c(length(new) + before, seq_along(new),
             length(new) + setdiff(seq_along(d[-k]), before)))
}
index_rows <- function(at) matrix(at, ncol = utils::tail(dims_of(at), 1))
op_references <- c(op_references, list(
  sort = function(x, i, a) lines_along(x[[1]], a$axis, sort),
  argsort = function(x, i, a) {
    lines_along(x[[1]], a$axis, function(v) order(v) - 1)
  },
  top_k = function(x, i, a) {
    first <- function(f) {
      lines_along(x[[1]], -1, function(v) f(v, order(-v)[seq_len(a$k)]))
    }
    list(first(function(v, at) v[at]), first(function(v, at) at - 1))
  },
  in_top_k = function(x, i, a) {
    target <- x[[1]][cbind(seq_along(i[[1]]), i[[1]] + 1)]
    array(rowSums(x[[1]] > target) < a$k, length(target))
  },
  searchsorted = function(x, i, a) {
    vapply(x[[2]], function(v) {
      sum(if (a$side == "right") x[[1]] <= v else x[[1]] < v)
    }, 1)
  },
  digitize = function(x, i, a) {
    array(findInterval(x[[1]], a$bins), dims_of(x[[1]]))
  },
  bincount = function(x, i, a) {
    n <- max(a$minlength, max(i[[1]]) + 1)
    tabulate(i[[1]] + 1, n)
  },
  take_along_axis = function(x, i, a) {
    at <- which(i[[1]] > 0, arr.ind = TRUE)
    at <- matrix(at, ncol = length(dims_of(i[[1]])))
    at[, a$axis] <- i[[1]]
    array(x[[1]][at], dims_of(i[[1]]))
  },
  take = function(x, i, a) take_at(x[[1]], i[[1]], a$axis),
  scatter = function(x, i, a) {
    at <- index_rows(i[[1]])
    out <- array(0, a$shape)
    for (r in seq_len(nrow(at))) {
      row <- c(as.list(at[r, ]), rep(list(TRUE), length(a$shape) - ncol(at)))
      old <- do.call(`[`, c(list(out), row))
      new <- as.vector(at_axis(x[[1]], 1, r))
      out <- do.call(`[<-`, c(list(out), row, list(value = old + new)))
    }
    out
  },
  scatter_update = function(x, i, a) {
    out <- x[[1]]
    out[index_rows(i[[1]])] <- x[[2]]
    out
  },
  slice = function(x, i, a) {
    places <- Map(function(s, n) s + seq_len(n) - 1, i[[1]], dims_of(x[[2]]))
    do.call(`[`, c(list(x[[1]]), places, list(drop = FALSE)))
  },
  slice_update = function(x, i, a) {
    places <- Map(function(s, n) s + seq_len(n) - 1, i[[1]], dims_of(x[[2]]))
    do.call(`[<-`, c(list(x[[1]]), places, list(value = x[[2]])))
  },
  one_hot = function(x, i, a) {
    rank <- length(dims_of(i[[1]]))
    y <- array(outer(as.vector(i[[1]]), seq_len(a$num_classes), `==`),
               c(dims_of(i[[1]]), a$num_classes))
    k <- axis_at(a$axis, rank + 1)
    aperm(y, append(seq_len(rank), rank + 1, k - 1))
  },
  multi_hot = function(x, i, a) {
    # Of a matrix: which classes each row has.
    t(apply(i[[1]], 1, function(row) (seq_len(a$num_classes) - 1) %in% row))
  }
))

# ---- rearrangements ----------------------------------------------------------

rotate <- function(v, by) v[(seq_along(v) - 1 - by) %% length(v) + 1]
kept_where <- function(keep) {
  function(x, i, a) {
    d <- dims_of(x[[1]])
    n <- length(d)
    rows <- slice.index(x[[1]], n - 1)
    x[[1]] * keep(slice.index(x[[1]], n) - rows, a$k)
  }
}
op_references <- c(op_references, list(
  roll = function(x, i, a) {
    if (is.null(a$axis)) {
      return(from_row(rotate(by_row(x[[1]]), a$shift), dims_of(x[[1]])))
    }
    lines_along(x[[1]], a$axis, function(v) rotate(v, a$shift))
  },
  flip = function(x, i, a) lines_along(x[[1]], a$axis, rev),
  "repeat" = function(x, i, a) {
    if (is.null(a$axis)) return(rep(by_row(x[[1]]), each = a$repeats))
    lines_along(x[[1]], a$axis, function(v) rep(v, each = a$repeats))
  },
  tile = function(x, i, a) {
    x <- x[[1]]
    rank <- max(length(a$repeats), length(dims_of(x)))
    own <- c(rep(1, rank - length(dims_of(x))), dims_of(x))
    times <- c(rep(1, rank - length(a$repeats)), a$repeats)
    x <- array(x, own)
    for (k in seq_len(rank)) x <- at_axis(x, k, rep(seq_len(own[k]), times[k]))
    x
  },
  pad = function(x, i, a) {
    x <- x[[1]]
    for (k in seq_along(dims_of(x))) {
      n <- dims_of(x)[k]
      at <- (1 - a$pad_width[k, 1]):(n + a$pad_width[k, 2])
      inside <- at >= 1 & at <= n
      from <- switch(a$mode, constant = pmin(pmax(at, 1), n),
                     reflect = ifelse(at < 1, 2 - at,
                                      ifelse(at > n, 2 * n - at, at)),
                     symmetric = ifelse(at < 1, 1 - at,
                                        ifelse(at > n, 2 * n + 1 - at, at)))
      x <- at_axis(x, k, from)
      if (a$mode == "constant") {
        x[slice.index(x, k) %in% which(!inside)] <- 0
      }
    }
    x
  },
  moveaxis = function(x, i, a) {
    rank <- length(dims_of(x[[1]]))
    order <- rep(0, rank)
    order[a$destination] <- a$source
    order[order == 0] <- setdiff(seq_len(rank), a$source)
    aperm(x[[1]], order)
  },
  append = function(x, i, a) {
    if (is.null(a$axis)) return(c(by_row(x[[1]]), by_row(x[[2]])))
    k <- axis_at(a$axis, length(dims_of(x[[1]])))
    d <- dims_of(x[[1]])
    others <- seq_along(d)[-k]
    to <- c(others, k)
    y <- array(c(aperm(x[[1]], to), aperm(x[[2]], to)), c(d[-k], 2 * d[k]))
    aperm(y, order(to))
  },
  tril = kept_where(function(over, k) over <= k),
  triu = kept_where(function(over, k) over >= k),
  diag = function(x, i, a) {
    x <- x[[1]]
    if (length(dims_of(x)) == 1L) {
      n <- length(x) + abs(a$k)
      y <- matrix(0, n, n)
      y[col(y) - row(y) == a$k] <- x
      return(y)
    }
    array(x[col(x) - row(x) == a$k])
  },
  trace = function(x, i, a) {
    n <- min(dims_of(x[[1]])[2:3])
    apply(x[[1]], 1, function(m) {
      m <- matrix(m, dims_of(x[[1]])[2])
      sum(m[cbind(seq_len(n), seq_len(n))])
    })
  },
  extract_sequences = function(x, i, a) {
    time <- ncol(x[[1]])
    starts <- seq(0, time - a$sequence_length, by = a$sequence_stride)
    at <- outer(starts, seq_len(a$sequence_length), `+`)
    array(x[[1]][, at], c(nrow(x[[1]]), dim(at)))
  }
))

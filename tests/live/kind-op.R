# Operations: values, and gradients of a weighted sum of what they give. A draw
# is a list of
#   x          arrays of floats, with respect to which is differentiated,
#   ints       arrays of whole numbers, as R counts them,
#   from_one   whether those are indices counted from 1,
#   inputs     how both come: "x" and "i" in the order of the arguments,
#   style      "list" where the arrays come as one list, "after" where the first
#              argument comes before them,
#   arguments  further arguments by name, axes as R counts them,
#   post       "square" where signs are the library's choice, "first" where only
#              one output is meant,
#   flat       whether TensorFlow has no gradient to compare with.

drawn <- function(x = list(), ..., ints = list(), from_one = FALSE,
                  inputs = strrep("x", length(x)), style = "args", post = "all",
                  flat = FALSE) {
  list(x = x, ints = ints, from_one = from_one, inputs = inputs, style = style,
       post = post, flat = flat, arguments = list(...))
}

draw_shape <- function(rank = draw_size(3)) {
  vapply(seq_len(rank), function(k) draw_size(4), 1L)
}

draw_axis <- function(shape) {
  at <- draw_size(length(shape))
  if (draw_flag()) at else at - length(shape) - 1L
}

# A shape that broadcasts to `shape`.
narrowed <- function(shape) {
  shape[runif(length(shape)) < 0.3] <- 1L
  utils::tail(shape, draw_size(length(shape)))
}

draw_positive <- function(...) {
  x <- draw_array(...)
  x[] <- abs(x) + 0.125
  x
}

# Numbers that differ, none of them 0: where two are equal, gradients are the
# library's choice.
draw_distinct <- function(...) {
  dim <- c(...)
  array(sample(4L * prod(dim), prod(dim)) / 8 - prod(dim) / 4 + 1 / 16, dim)
}

draw_inside <- function(...) {
  x <- draw_array(...)
  x[] <- pmax(pmin(x / 2, 0.9375), -0.9375)
  x
}

draw_whole <- function(largest, ...) {
  dim <- c(...)
  array(sample(largest, prod(dim), TRUE), dim)
}

draw_square <- function() {
  n <- draw_size(4)
  batch <- if (draw_flag(0.4)) draw_size(3)
  x <- draw_array(batch, n, n)
  for (k in seq_len(n)) {
    if (is.null(batch)) x[k, k] <- x[k, k] + 4 else
      x[, k, k] <- x[, k, k] + 4
  }
  x
}

op_draws <- list()
draw_op <- function(names, draw) {
  for (name in strsplit(names, " ")[[1]]) op_draws[[name]] <<- draw
}

# ---- elementwise -------------------------------------------------------------

draw_op(paste("abs negative sign square exp expm1 sin cos tan arctan sinh cosh",
              "tanh arcsinh erf floor ceil trunc cbrt exp2 deg2rad angle real",
              "conj imag nan_to_num signbit sigmoid softplus silu selu"),
        function() drawn(list(draw_distinct(draw_shape()))))
draw_op("sqrt rsqrt log log1p log2 log10 reciprocal",
        function() drawn(list(draw_positive(draw_shape()))))
draw_op("arcsin arccos arctanh erfinv",
        function() drawn(list(draw_inside(draw_shape()))))
draw_op(paste("add subtract multiply divide arctan2 logaddexp heaviside",
              "divide_no_nan isclose greater less_equal"), function() {
  shape <- draw_shape()
  drawn(list(draw_distinct(shape), draw_positive(narrowed(shape))))
})
draw_op("maximum minimum power", function() {
  shape <- draw_shape()
  drawn(list(draw_positive(shape), draw_array(narrowed(shape))))
})
draw_op(paste("bitwise_and bitwise_or bitwise_xor bitwise_left_shift",
              "bitwise_right_shift left_shift right_shift"), function() {
  shape <- draw_shape()
  drawn(ints = list(draw_whole(99, shape), draw_whole(9, narrowed(shape))),
        inputs = "ii")
})
draw_op("bitwise_not bitwise_invert", function() {
  drawn(ints = list(draw_whole(99, draw_shape())), inputs = "i")
})

# ---- reductions and running totals -------------------------------------------

draw_op("sum mean var std prod max min logsumexp", function() {
  shape <- 1L + draw_shape()
  drawn(list(draw_distinct(shape)), axis = if (draw_flag(0.7)) draw_axis(shape),
        keepdims = draw_flag())
})
draw_op("median", function() {
  shape <- draw_shape()
  drawn(list(draw_distinct(shape)), axis = if (draw_flag(0.7)) draw_axis(shape))
})
draw_op("quantile", function() {
  shape <- draw_shape()
  drawn(list(draw_distinct(shape)), q = sample(c(0, 0.125, 0.25, 0.75, 1), 3),
        axis = if (draw_flag(0.7)) draw_axis(shape),
        method = sample(c("linear", "lower", "higher", "midpoint"), 1))
})
draw_op("cumsum cumprod", function() {
  shape <- draw_shape()
  drawn(list(draw_distinct(shape)), axis = if (draw_flag(0.7)) draw_axis(shape))
})
draw_op("moments", function() {
  shape <- draw_shape()
  drawn(list(draw_array(shape)), axes = I(draw_axis(shape)),
        keepdims = draw_flag())
})
draw_op("average", function() {
  shape <- draw_shape()
  at <- draw_axis(shape)
  size <- shape[if (at > 0) at else length(shape) + 1L + at]
  drawn(list(draw_array(shape)), axis = at,
        weights = as.list(seq_len(size) / 4))
})
draw_op("count_nonzero", function() {
  shape <- draw_shape()
  drawn(list(array(sample(0:1, prod(shape), TRUE), shape)),
        axis = if (draw_flag()) draw_axis(shape))
})
draw_op("diff", function() {
  shape <- 1L + draw_shape()
  drawn(list(draw_array(shape)), axis = draw_axis(shape))
})

# ---- order and places --------------------------------------------------------

draw_op("sort argsort", function() {
  shape <- draw_shape()
  drawn(list(draw_distinct(shape)), axis = draw_axis(shape))
})
draw_op("top_k", function() {
  shape <- draw_shape()
  drawn(list(draw_distinct(shape)), k = draw_size(utils::tail(shape, 1)))
})
draw_op("in_top_k", function() {
  n <- draw_size(5)
  classes <- 1L + draw_size(4)
  drawn(list(draw_distinct(n, classes)),
        ints = list(draw_whole(classes, n) - 1L), inputs = "ix",
        k = draw_size(classes))
})
draw_op("searchsorted", function() {
  n <- draw_size(6)
  drawn(list(array(sort(draw_array(n)), n), draw_array(draw_size(5))),
        side = sample(c("left", "right"), 1))
})
draw_op("digitize", function() {
  drawn(list(draw_array(draw_shape())), bins = I(c(-1, -0.25, 0.5, 1.5)))
})
draw_op("bincount", function() {
  drawn(ints = list(draw_whole(6, draw_size(9)) - 1L), inputs = "i",
        minlength = draw_size(9))
})
draw_op("histogram", function() {
  # Keras has the edges of a given range in float32: some that it has exactly.
  drawn(list(draw_distinct(1L + draw_size(20))), bins = 2L^draw_size(3),
        range = if (draw_flag()) I(c(-2, 2.5)))
})
draw_op("take_along_axis", function() {
  shape <- draw_shape()
  at <- draw_size(length(shape))
  count <- shape
  count[at] <- draw_size(5)
  drawn(list(draw_array(shape)), ints = list(draw_whole(shape[at], count)),
        from_one = TRUE, inputs = "xi", axis = at)
})
draw_op("take", function() {
  shape <- draw_shape()
  at <- draw_size(length(shape))
  drawn(list(draw_array(shape)),
        ints = list(draw_whole(shape[at], draw_shape(2))), from_one = TRUE,
        inputs = "xi", axis = at)
})
draw_op("scatter", function() {
  shape <- draw_shape(2)
  n <- draw_size(5)
  depth <- draw_size(2)
  at <- vapply(shape[seq_len(depth)], function(s) sample(s, n, TRUE),
               integer(n))
  drawn(list(draw_array(n, shape[-seq_len(depth)])),
        ints = list(array(at, c(n, depth))), from_one = TRUE, inputs = "ix",
        shape = I(shape))
})
# Each place at most once: the library chooses among many writers.
draw_op("scatter_update", function() {
  shape <- draw_shape(2)
  n <- draw_size(prod(shape))
  places <- which(array(TRUE, shape), arr.ind = TRUE)
  at <- unname(places[sample(prod(shape), n), , drop = FALSE])
  drawn(list(draw_array(shape), draw_array(n)), ints = list(at),
        from_one = TRUE, inputs = "xix")
})
draw_slice <- function(flat) {
  shape <- draw_shape()
  start <- vapply(shape, draw_size, 1L)
  size <- vapply(shape - start + 1L, draw_size, 1L)
  drawn(list(draw_array(shape), draw_array(size)), ints = list(array(start)),
        from_one = TRUE, inputs = "xix", flat = flat)
}
draw_op("slice", function() draw_slice(FALSE))
draw_op("slice_update", function() draw_slice(TRUE))
draw_op("unravel_index", function() {
  shape <- draw_shape(2)
  drawn(ints = list(draw_whole(prod(shape), 5)), from_one = TRUE, inputs = "i",
        shape = I(shape))
})
draw_op("multi_hot", function() {
  drawn(ints = list(draw_whole(6, draw_shape(2)) - 1L), inputs = "i",
        num_classes = 6L)
})
draw_op("one_hot", function() {
  drawn(ints = list(draw_whole(6, draw_shape(2))), inputs = "i",
        from_one = TRUE, num_classes = 6L, axis = sample(c(-1L, 1L, 2L), 1))
})

# ---- rearrangements ----------------------------------------------------------

draw_op("roll", function() {
  shape <- draw_shape()
  drawn(list(draw_array(shape)), shift = sample(-5:5, 1),
        axis = if (draw_flag(0.7)) draw_axis(shape))
})
draw_op("flip", function() {
  shape <- draw_shape()
  drawn(list(draw_array(shape)), axis = draw_axis(shape))
})
draw_op("repeat", function() {
  shape <- draw_shape()
  drawn(list(draw_array(shape)), repeats = draw_size(3),
        axis = if (draw_flag(0.7)) draw_axis(shape))
})
draw_op("tile", function() {
  drawn(list(draw_array(draw_shape())), repeats = I(draw_shape()))
})
# Not two turns: Keras 3.15.1 mixes up the rows of what is not square.
draw_op("rot90", function() {
  drawn(list(draw_array(draw_shape(3))), k = sample(c(-1L, 0L, 1L, 3L, 4L), 1),
        axes = I(sample(3, 2)))
})
draw_op("moveaxis", function() {
  drawn(list(draw_array(draw_shape(3))), source = I(sample(3, 2)),
        destination = I(sample(3, 2)))
})
draw_op("pad", function() {
  shape <- draw_shape()
  mode <- sample(c("constant", "reflect", "symmetric"), 1)
  width <- matrix(0L, length(shape), 2)
  width[] <- vapply(rep(shape, 2), function(s) sample(0:(s - 1L), 1), 1L)
  drawn(list(draw_array(shape)), pad_width = width, mode = mode)
})
draw_op("append", function() {
  shape <- draw_shape()
  at <- draw_axis(shape)
  drawn(list(draw_array(shape), draw_array(shape)),
        axis = if (draw_flag(0.7)) at)
})
# Keras puts vectors of vstack() end to end on TensorFlow.
draw_op("hstack vstack", function() {
  shape <- draw_shape(1L + draw_size(2))
  drawn(list(draw_array(shape), draw_array(shape)), style = "list")
})
draw_op("meshgrid", function() {
  drawn(list(draw_array(draw_size(3)), draw_array(draw_size(3)),
             draw_array(draw_size(2))), indexing = sample(c("xy", "ij"), 1))
})
draw_op("linspace logspace", function() {
  shape <- draw_shape(2)
  drawn(list(draw_array(shape), draw_array(shape)), num = 1L + draw_size(5),
        endpoint = draw_flag(), axis = sample(c(1:3, -1L), 1))
})
draw_op("tril triu", function() {
  drawn(list(draw_array(draw_shape(3))), k = sample(-1:1, 1))
})
draw_op("diagonal", function() {
  at <- sample(3, 2)
  drawn(list(draw_array(1L + draw_shape(3))), offset = sample(-1:1, 1),
        axis1 = at[1], axis2 = at[2])
})
# Keras 3.15.1 fails for other diagonals of matrices that are not square.
draw_op("trace", function() {
  drawn(list(draw_array(draw_shape(3))), axis1 = 2L, axis2 = 3L)
})
draw_op("diag", function() {
  drawn(list(draw_array(1L + draw_shape(draw_size(2)))), k = sample(-1:1, 1))
})
draw_op("extract_sequences", function() {
  drawn(list(draw_array(draw_size(2), 5L + draw_size(5))),
        sequence_length = draw_size(4), sequence_stride = draw_size(3))
})
draw_op("correlate", function() {
  m <- draw_size(4)
  drawn(list(draw_array(m + draw_size(5)), draw_array(m)),
        mode = sample(c("valid", "same", "full"), 1))
})
draw_op("corrcoef", function() {
  drawn(list(draw_array(1L + draw_size(3), 5L)), post = "square")
})

# ---- linear algebra ----------------------------------------------------------

draw_op("inv det slogdet", function() drawn(list(draw_square())))
draw_op("solve", function() {
  a <- draw_square()
  n <- utils::tail(dim(a), 1)
  drawn(list(a, draw_array(c(dim(a)[-length(dim(a))], draw_size(3)))))
})
draw_op("solve_triangular", function() {
  a <- draw_square()
  drawn(list(a, draw_array(c(dim(a)[-length(dim(a))], draw_size(3)))),
        lower = draw_flag())
})
draw_op("qr", function() {
  drawn(list(draw_array(1L + draw_size(4), draw_size(4))))
})
draw_op("svd", function() {
  drawn(list(draw_array(draw_shape(2))), full_matrices = FALSE, post = "square")
})
draw_op("eigh", function() drawn(list(draw_square()), post = "square"))
draw_op("lu_factor", function() {
  n <- draw_size(5)
  drawn(list(draw_array(n, n)), flat = TRUE)
})
draw_op("lstsq", function() {
  n <- draw_size(3)
  m <- n + draw_size(3)
  drawn(list(draw_array(m, n), draw_array(m, draw_size(3))))
})
draw_op("norm", function() {
  shape <- draw_shape(3)
  one <- draw_flag()
  ord <- if (one) sample(list(1, 2, 3, 0, NULL), 1)[[1]] else
    sample(list(1, -1, "fro", "nuc", 2, NULL), 1)[[1]]
  drawn(list(draw_positive(shape)), ord = ord,
        axis = if (one) draw_axis(shape) else I(sort(sample(3, 2))),
        keepdims = draw_flag())
})
draw_op("outer vdot", function() {
  shape <- draw_shape()
  drawn(list(draw_array(shape), draw_array(shape)))
})
draw_op("inner", function() {
  n <- draw_size(4)
  drawn(list(draw_array(c(draw_shape(), n)), draw_array(c(draw_shape(), n))))
})
draw_op("dot", function() {
  n <- draw_size(4)
  drawn(list(draw_array(c(draw_shape(), n)),
             draw_array(if (draw_flag()) n else c(n, draw_size(3)))))
})
draw_op("cross", function() {
  n <- draw_size(4)
  drawn(list(draw_array(n, 3), draw_array(n, sample(2:3, 1))))
})
draw_op("tensordot", function() {
  shape <- draw_shape(3)
  drawn(list(draw_array(shape), draw_array(shape[c(3, 1)], draw_size(3))),
        axes = list(I(c(3L, 1L)), I(c(1L, 2L))))
})
draw_op("einsum", function() {
  s <- stats::setNames(draw_shape(4), c("a", "b", "c", "d"))
  case <- sample(list(
    list("ab,bc->ac", "ab", "bc"), list("abc,cbd->da", "abc", "cbd"),
    list("abc->ca", "abc"), list("ab,ab->b", "ab", "ab"),
    list("ab,bc,cd->ad", "ab", "bc", "cd"), list("abc,abd->acd", "abc", "abd")
  ), 1)[[1]]
  drawn(lapply(case[-1], function(letters) {
    draw_array(unname(s[strsplit(letters, "")[[1]]]))
  }), subscripts = case[[1]], style = "after")
})

# ---- neural networks ---------------------------------------------------------

draw_op("softmax log_softmax", function() {
  shape <- draw_shape()
  drawn(list(draw_array(shape)), axis = draw_axis(shape))
})
draw_box_windows <- function(kernels, ..., largest = 2L) {
  stride <- draw_size(2)
  drawn(c(list(draw_array(2L, 5L + draw_size(4), 2L)), kernels),
        strides = stride, padding = sample(c("valid", "same"), 1),
        ..., dilation_rate = if (stride == 1L) draw_size(largest) else 1L)
}
draw_op("conv", function() {
  draw_box_windows(list(draw_array(draw_size(3), 2L, draw_size(3))))
})
draw_op("depthwise_conv", function() {
  draw_box_windows(list(draw_array(draw_size(3), 2L, draw_size(2))))
})
draw_op("separable_conv", function() {
  draw_box_windows(list(draw_array(draw_size(3), 2L, 2L), draw_array(1, 4, 3)))
})
draw_op("conv_transpose", function() {
  draw_box_windows(list(draw_array(draw_size(3), draw_size(3), 2L)),
                   largest = 1L)
})
draw_op("max_pool average_pool", function() {
  shape <- c(2L, 3L + draw_shape(draw_size(2)), 2L)
  drawn(list(draw_distinct(shape)), pool_size = draw_size(3),
        strides = if (draw_flag()) draw_size(3),
        padding = sample(c("valid", "same"), 1))
})
draw_op("batch_normalization", function() {
  shape <- draw_shape(3)
  at <- draw_size(3)
  n <- shape[at]
  drawn(list(draw_array(shape), draw_array(n), draw_positive(n)),
        axis = if (at == 3L) -1L else at, epsilon = 2^-9)
})
draw_op("layer_normalization", function() {
  shape <- draw_shape(3) + 1L
  drawn(list(draw_array(shape), draw_array(shape[3]), draw_array(shape[3])),
        epsilon = 2^-9)
})
draw_op("rms_normalization", function() {
  shape <- draw_shape(3)
  drawn(list(draw_array(shape), draw_array(shape[3])), epsilon = 2^-9)
})
draw_op("normalize", function() {
  shape <- draw_shape()
  drawn(list(draw_positive(shape)), axis = I(draw_axis(shape)),
        order = draw_size(3), epsilon = 2^-9)
})
draw_op("dot_product_attention", function() {
  size <- 4L^draw_size(1)
  q <- c(draw_size(2), draw_size(3), sample(c(2L, 4L), 1), size)
  k <- c(q[1], draw_size(4), 2L, size)
  drawn(list(draw_array(q), draw_array(k), draw_array(k)),
        is_causal = draw_flag(), scale = if (draw_flag()) 0.25)
})
draw_op("binary_crossentropy", function() {
  shape <- draw_shape()
  p <- draw_inside(shape) / 2 + 0.5
  drawn(list(draw_inside(shape) / 2 + 0.5, p), from_logits = draw_flag())
})
# TensorFlow's gradient takes it that targets sum to 1.
draw_op("categorical_crossentropy", function() {
  shape <- c(draw_size(3), 1L + draw_size(3))
  target <- array(0, shape)
  target[, 1:2] <- cbind(rep(0.25, shape[1]), 0.75)
  drawn(list(target, draw_positive(shape)),
        from_logits = draw_flag())
})
draw_op("sparse_categorical_crossentropy", function() {
  shape <- c(draw_size(3), 1L + draw_size(3))
  drawn(list(draw_positive(shape)),
        ints = list(draw_whole(shape[2], shape[1]) - 1L), inputs = "ix",
        from_logits = draw_flag())
})
draw_op("psnr", function() {
  shape <- draw_shape()
  drawn(list(draw_array(shape), draw_array(shape)), max_val = 2)
})

# ---- control flow: programs, which truth_op.py has under the same names ------

op_programs <- list(
  run_cond = function(x) op_cond(op_sum(x) > 0, \() op_exp(x), \() op_sin(x)),
  run_switch = function(x) {
    op_switch(2L, list(\(x) x, \(x) op_square(x), \(x) op_exp(x)), x)
  },
  run_while = function(x) {
    op_while_loop(\(i, x) i < 4L, \(i, x) list(i + 1L, op_sin(x) * 2),
                  list(as_tensor(0L), x))[[2]]
  },
  run_fori = function(x) {
    op_fori_loop(1L, 4L, \(i, v) v * x + op_cast(i, "float64"), x)
  },
  run_scan = function(x) {
    op_scan(\(c, s) {
      c <- op_tanh(c + s)
      list(c, c * s)
    }, op_zeros_like(x[1, ]), x, reverse = TRUE)
  },
  run_associative = function(x) {
    op_associative_scan(\(a, b) a * b, x, axis = 2)
  },
  run_map = function(x) op_map(x, \(s) op_cumsum(s)),
  run_vectorized = function(x) op_vectorized_map(x, \(s) op_sum(s * s)),
  run_gradient = function(x) {
    op_custom_gradient(\(x) list(op_exp(x), \(dy) dy * op_cos(x)))(x)
  },
  run_cholesky = function(x) {
    op_cholesky(op_matmul(x, op_transpose(x)) + op_eye(nrow(as.array(x))))
  }
)
draw_op(toString(names(op_programs)) |> gsub(pattern = ",", replacement = ""),
        function() drawn(list(draw_array(1L + draw_shape(2)))))

# ---- answers -----------------------------------------------------------------

draw_live_op <- local({
  turn <- 0L
  # Every operation comes, and then again.
  function() {
    turn <<- turn %% length(op_draws) + 1L
    c(list(name = names(op_draws)[turn]), op_draws[[turn]]())
  }
})

op_results <- function(case) {
  f <- op_programs[[case$name]]
  if (is.null(f)) f <- get(paste0("op_", case$name))
  arguments <- Filter(Negate(is.null), case$arguments)
  counted <- c("argsort", "top_k", "searchsorted", "digitize")
  if (case$name %in% counted) arguments$zero_indexed <- TRUE
  answers(function(...) {
    from <- list(x = list(...), i = case$ints)
    if (case$flat) from$x <- lapply(from$x, op_stop_gradient)
    inputs <- list()
    for (kind in strsplit(case$inputs, "")[[1]]) {
      one <- from[[kind]][[1]]
      inputs[[length(inputs) + 1L]] <- if (kind == "i") {
        if (case$name == "slice" || case$name == "slice_update")
          as.integer(one) else as_tensor(one, "int32")
      } else {
        one
      }
      from[[kind]] <- from[[kind]][-1]
    }
    if (case$name == "slice") {
      arguments <- list(shape = dim(inputs[[3]]))
      inputs <- inputs[1:2]
    }
    given <- switch(case$style, list = c(list(inputs), arguments),
                    after = c(unname(arguments[1]), inputs, arguments[-1]),
                    c(inputs, arguments))
    outputs <- flat_outputs(do.call(f, given))
    if (case$post == "first") outputs <- outputs[1]
    outputs <- lapply(outputs, op_cast, dtype = "float64")
    if (case$post == "square") lapply(outputs, op_square) else outputs
  }, case$x)
}

live_kinds$op <- list(
  count = 3L * length(op_draws), draw = draw_live_op, answer = op_results
)

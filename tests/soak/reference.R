# What a model of a recipe gives, in plain R and by none of the package's code:
# a second opinion on every prediction. The time loops are those that the tests
# hold the layers to.
source("tests/testthat/helper-rnn.R")
source("tests/testthat/helper-gated.R")

activations <- list(
  tanh = tanh, linear = identity, relu = function(x) pmax(x, 0) + 0 * x,
  sigmoid = sigmoid, softsign = function(x) x / (1 + abs(x)),
  elu = function(x) ifelse(x > 0, x, expm1(x)),
  hard_sigmoid = function(x) pmin(pmax((x + 3) / 6, 0), 1) + 0 * x,
  softmax = function(x) {
    e <- exp(x - apply(x, seq_along(dim(x))[-length(dim(x))], max))
    e / c(apply(e, seq_along(dim(x))[-length(dim(x))], sum))
  }
)

# Works on the last axis of an array of any rank as on a matrix.
on_last_axis <- function(x, f) {
  d <- dim(x)
  y <- f(matrix(x, ncol = d[length(d)]))
  array(y, c(d[-length(d)], ncol(y)))
}

ref_dense <- function(x, weights, args) {
  on_last_axis(x, function(m) {
    z <- m %*% weights[[1]]
    if (length(weights) > 1) z <- sweep(z, 2, weights[[2]], `+`)
    activations[[args$activation]](z)
  })
}

# ---- recurrence --------------------------------------------------------------

count_weights <- function(args) 2L + args$use_bias

# One layer or cell with its flags; `states` NULL or those carried.
ref_loop <- function(kind, x, weights, args, mask, states,
                     zero_output = FALSE) {
  f <- activations[[args$activation]]
  loop <- list(mask = mask, go_backwards = isTRUE(args$go_backwards),
               return_sequences = isTRUE(args$return_sequences),
               zero_output_for_mask = zero_output)
  if (kind == "simple_rnn") {
    bias <- if (length(weights) > 2) weights[[3]] else 0
    return(do.call(reference_simple_rnn, c(
      list(x, weights[[1]], weights[[2]], bias, activation = f,
           state = states[[1]]), loop)))
  }
  gate <- activations[[args$recurrent_activation]]
  reference <- if (kind == "lstm") reference_lstm else reference_gru
  more <- if (kind == "gru") list(reset_after = args$reset_after)
  do.call(reference, c(list(x, weights, states = states, activation = f,
                            gate = gate), more, loop))
}

# The carried states of a layer live in `memory` under its name.
ref_recurrent <- function(spec, value, weights, memory) {
  name <- spec$args$name
  out <- ref_loop(spec$type, value$x, weights, spec$args, value$mask,
                  memory[[name]])
  if (isTRUE(spec$args$stateful)) memory[[name]] <- out[-1]
  out[[1]]
}

# A stack of cells is a stack of layers that share the flags of the loop; only
# the first of them reads backwards.
ref_cells <- function(spec, value, weights, memory) {
  x <- value$x
  mask <- value$mask
  last <- length(spec$cells)
  for (k in seq_along(spec$cells)) {
    cell <- spec$cells[[k]]
    n <- count_weights(cell$args)
    name <- paste0(spec$args$name, "/", k)
    args <- c(cell$args, list(
      return_sequences = k < last || spec$args$return_sequences,
      go_backwards = k == 1 && spec$args$go_backwards
    ))
    if (k == 2 && spec$args$go_backwards && !is.null(mask)) {
      mask <- mask[, rev(seq_len(ncol(mask))), drop = FALSE]
    }
    out <- ref_loop(cell$kind, x, weights[seq_len(n)], args, mask,
                    memory[[name]])
    weights <- weights[-seq_len(n)]
    if (isTRUE(spec$args$stateful)) memory[[name]] <- out[-1]
    x <- out[[1]]
  }
  x
}

ref_bidirectional <- function(spec, value, weights, memory) {
  args <- spec$inner$args
  n <- length(weights) / 2
  sequences <- args$return_sequences
  side <- function(which, weights, backwards) {
    args$go_backwards <- backwards
    name <- paste0(spec$args$name, "/", which)
    out <- ref_loop(spec$inner$kind, value$x, weights, args, value$mask,
                    memory[[name]], zero_output = sequences)
    if (isTRUE(args$stateful)) memory[[name]] <- out[-1]
    out[[1]]
  }
  a <- side(1, weights[seq_len(n)], FALSE)
  b <- side(2, weights[n + seq_len(n)], TRUE)
  if (sequences) b <- b[, rev(seq_len(dim(b)[2])), , drop = FALSE]
  switch(spec$args$merge_mode, sum = a + b, mul = a * b, ave = (a + b) / 2,
         concat = join_last(list(a, b)))
}

join_last <- function(parts) {
  d <- dim(parts[[1]])
  rows <- prod(d[-length(d)])
  y <- do.call(cbind, lapply(parts, matrix, nrow = rows))
  array(y, c(d[-length(d)], ncol(y)))
}

# Rows of places with channels; padding "same" puts the odd place at the end.
ref_conv_same <- function(x, kernel) {
  size <- dim(kernel)[1]
  places <- dim(x)[2]
  before <- (size - 1) %/% 2
  y <- array(0, c(dim(x)[1:2], dim(kernel)[3]))
  for (p in seq_len(places)) for (k in seq_len(size)) {
    from <- p + k - 1 - before
    if (from < 1 || from > places) next
    y[, p, ] <- y[, p, ] +
      matrix(x[, from, ], dim(x)[1]) %*% matrix(kernel[k, , ], dim(x)[3])
  }
  y
}

ref_conv_lstm <- function(spec, value, weights, memory) {
  args <- spec$args
  filters <- args$filters
  rows <- value$x
  n <- dim(rows)[1]
  places <- dim(rows)[3]
  zero <- array(0, c(n, places, filters))
  states <- memory[[args$name]]
  if (is.null(states)) states <- list(zero, zero)
  kept <- zero
  all <- array(0, c(n, dim(rows)[2], places * filters))
  flat <- function(h) matrix(aperm(h, c(1, 3, 2)), n)
  for (t in seq_len(dim(rows)[2])) {
    z <- ref_conv_same(array(rows[, t, ], c(n, places, 1)), weights[[1]])
    if (length(weights) > 2) z <- sweep(z, 3, weights[[3]], `+`)
    z <- z + ref_conv_same(states[[1]], weights[[2]])
    gate <- function(g) {
      z[, , (g - 1) * filters + seq_len(filters), drop = FALSE]
    }
    carry <- sigmoid(gate(2)) * states[[2]] + sigmoid(gate(1)) * tanh(gate(3))
    h <- sigmoid(gate(4)) * tanh(carry)
    use <- if (is.null(value$mask)) rep(TRUE, n) else value$mask[, t]
    kept[use, , ] <- h[use, , ]
    states[[1]][use, , ] <- h[use, , ]
    states[[2]][use, , ] <- carry[use, , ]
    all[, t, ] <- flat(kept)
  }
  if (isTRUE(args$stateful)) memory[[args$name]] <- states
  if (args$return_sequences) all else flat(kept)
}

# ---- other layers ------------------------------------------------------------

ref_conv <- function(x, weights, args) {
  size <- args$kernel_size
  before <- if (args$padding == "causal") size - 1 else (size - 1) %/% 2
  d <- dim(x)
  padded <- array(0, c(d[1], d[2] + size - 1, d[3]))
  padded[, before + seq_len(d[2]), ] <- x
  y <- array(0, c(d[1:2], args$filters))
  for (t in seq_len(d[2])) for (k in seq_len(size)) {
    y[, t, ] <- y[, t, ] + matrix(padded[, t + k - 1, ], d[1]) %*%
      matrix(weights[[1]][k, , ], d[3])
  }
  activations[[args$activation]](sweep(y, 3, weights[[2]], `+`))
}

ref_batch_normalization <- function(x, weights) {
  on_last_axis(x, function(m) {
    scaled <- sweep(m, 2, weights[[3]]) |>
      sweep(2, weights[[1]] / sqrt(weights[[4]] + 0.001), `*`)
    sweep(scaled, 2, weights[[2]], `+`)
  })
}

ref_layer_normalization <- function(x, weights) {
  on_last_axis(x, function(m) {
    centred <- m - rowMeans(m)
    scaled <- centred / sqrt(rowMeans(centred^2) + 0.001)
    sweep(sweep(scaled, 2, weights[[1]], `*`), 2, weights[[2]], `+`)
  })
}

ref_mean <- function(value) {
  x <- value$x
  if (is.null(value$mask)) return(apply(x, c(1, 3), mean))
  total <- apply(x * c(value$mask), c(1, 3), sum)
  total / rowSums(value$mask)
}

ref_max_pool <- function(x) {
  t <- 2 * seq_len(dim(x)[2] %/% 2)
  array(pmax(x[, t - 1, , drop = FALSE], x[, t, , drop = FALSE]),
        c(dim(x)[1], length(t), dim(x)[3]))
}

# ---- models ------------------------------------------------------------------

# `value` is list(x, mask); gives the same of the output.
ref_layer <- function(spec, value, weights, memory) {
  x <- value$x
  mask <- value$mask
  args <- spec$args
  y <- switch(spec$type,
    simple_rnn = , lstm = , gru = ref_recurrent(spec, value, weights, memory),
    cells = ref_cells(spec, value, weights, memory),
    bidirectional = ref_bidirectional(spec, value, weights, memory),
    conv_lstm = ref_conv_lstm(spec, value, weights, memory),
    dense = ref_dense(x, weights, args),
    time_distributed = ref_dense(x, weights, spec$inner),
    conv = ref_conv(x, weights, args),
    batch_normalization = ref_batch_normalization(x, weights),
    layer_normalization = ref_layer_normalization(x, weights),
    same = x,
    max_pool = ref_max_pool(x),
    mean = matrix(ref_mean(value), dim(x)[1]),
    max = matrix(apply(x, c(1, 3), max), dim(x)[1]),
    flatten = matrix(aperm(x, c(1, 3, 2)), dim(x)[1]),
    masking = {
      mask <- matrix(apply(x != 0, 1:2, any), dim(x)[1])
      x * c(mask)
    },
    embedding = {
      if (args$mask_zero) mask <- x != 0
      array(weights[[1]][x + 1, ], c(dim(x), args$output_dim))
    }
  )
  list(x = y, mask = if (length(dim(y)) == 3L) mask)
}

ref_batch <- function(recipe, inputs, weights, memory) {
  through <- function(value, specs) {
    for (spec in specs) {
      value <- ref_layer(spec, value, weights[[spec$args$name]], memory)
    }
    value
  }
  ends <- Map(function(x, branch) {
    through(list(x = x, mask = NULL), branch$layers)
  }, inputs, recipe$branches)
  value <- ends[[1]]
  if (length(ends) > 1) value <- list(x = join_last(lapply(ends, `[[`, "x")))
  through(value, recipe$head)
}

recipe_names <- function(recipe) {
  specs <- c(unlist(lapply(recipe$branches, `[[`, "layers"),
                    recursive = FALSE), recipe$head)
  vapply(specs, function(spec) spec$args$name, "")
}

rows_of <- function(x, rows) {
  if (length(dim(x)) == 2L) x[rows, , drop = FALSE] else
    x[rows, , , drop = FALSE]
}

# The outputs for all rows, batch by batch because states may be carried. The
# model gives its weights only.
reference_outputs <- function(recipe, model, inputs) {
  names <- recipe_names(recipe)
  weights <- lapply(names, function(name) {
    get_weights(get_layer(model, name = name))
  })
  names(weights) <- names
  memory <- new.env()
  n <- dim(inputs[[1]])[1]
  parts <- lapply(split(seq_len(n), (seq_len(n) - 1) %/% recipe$batch),
                  function(rows) {
    ref_batch(recipe, lapply(inputs, rows_of, rows), weights, memory)
  })
  x <- lapply(parts, `[[`, "x")
  d <- dim(x[[1]])
  y <- array(0, c(n, d[-1]))
  for (k in seq_along(x)) {
    rows <- (k - 1) * recipe$batch + seq_len(recipe$batch)
    if (length(d) == 2L) y[rows, ] <- x[[k]] else y[rows, , ] <- x[[k]]
  }
  list(y = y, masked = !is.null(parts[[1]]$mask))
}

# What evaluate() says of outputs without a mask.
reference_loss <- function(loss, y, p) {
  e <- 1e-7
  switch(loss,
    mse = mean((y - p)^2), mae = mean(abs(y - p)),
    log_cosh = mean(log(cosh(p - y))),
    huber = mean(ifelse(abs(y - p) <= 1, (y - p)^2 / 2, abs(y - p) - 0.5)),
    binary_crossentropy = {
      q <- pmin(pmax(p, e), 1 - e)
      -mean(y * log(q) + (1 - y) * log(1 - q))
    },
    categorical_crossentropy = -mean(log(pmax(rowSums(y * p), e))),
    sparse_categorical_crossentropy =
      -mean(log(pmax(p[cbind(seq_along(y), y + 1)], e)))
  )
}

# What layers are made of: activations, initializers, random numbers and
# optimizers.

activation_references <- list(
  celu = function(x) ifelse(x > 0, x, expm1(x)),
  elu = function(x) ifelse(x > 0, x, expm1(x)), exponential = exp,
  gelu = function(x) x * stats::pnorm(x),
  hard_shrink = function(x) ifelse(abs(x) > 0.5, x, 0),
  hard_sigmoid = function(x) pmin(pmax(x / 6 + 0.5, 0), 1),
  hard_silu = function(x) x * pmin(pmax(x / 6 + 0.5, 0), 1),
  hard_tanh = function(x) pmin(pmax(x, -1), 1),
  leaky_relu = function(x) ifelse(x > 0, x, 0.2 * x), linear = identity,
  log_sigmoid = function(x) -log1p(exp(-x)),
  log_softmax = function(x) log(last_lines(x, softmax_of)),
  mish = function(x) x * tanh(log1p(exp(x))), relu = function(x) pmax(x, 0),
  relu6 = function(x) pmin(pmax(x, 0), 6), selu = selu,
  sigmoid = logistic, silu = function(x) x * logistic(x),
  soft_shrink = function(x) sign(x) * pmax(abs(x) - 0.5, 0),
  softmax = function(x) last_lines(x, softmax_of),
  softplus = function(x) log1p(exp(x)),
  softsign = function(x) x / (1 + abs(x)),
  sparse_plus = function(x) {
    ifelse(x <= -1, 0, ifelse(x >= 1, x, (x + 1)^2 / 4))
  },
  sparse_sigmoid = function(x) pmin(pmax((x + 1) / 2, 0), 1),
  squareplus = function(x) (x + sqrt(x^2 + 4)) / 2, tanh = tanh,
  tanh_shrink = function(x) x - tanh(x)
)

run_activation <- function(describe) {
  name <- one_of(names(activation_references))
  x <- 3 * some_array()
  dtype <- one_of(c("float32", "float64"))
  describe(show_call(paste0("activation_", name), list(x, dtype)))
  f <- getExportedValue("elman", paste0("activation_", name))
  want <- activation_references[[name]](x)
  got <- as.array(value_of(f(as_tensor(x, dtype))))
  must_agree(got, array(want, dim(x)), if (dtype == "float32") 2e-5 else 1e-9)
  # As a layer with the name, and as an operation where it is one.
  layer <- value_of(layer_activation(activation = name))
  must_agree(value_of(layer(as_tensor(x, dtype))), array(want, dim(x)), 2e-5)
}

# ---- initializers and random numbers -----------------------------------------

fans <- function(d) {
  if (length(d) < 2L) return(c(d, d)[c(1, 1)])
  field <- prod(utils::head(d, -2))
  utils::tail(d, 2) * field
}
limit_of <- function(name, d) {
  fan <- fans(d)
  sqrt(switch(name, glorot_uniform = 6 / sum(fan), he_uniform = 6 / fan[1],
              lecun_uniform = 3 / fan[1], glorot_normal = 2 / sum(fan),
              he_normal = 2 / fan[1], lecun_normal = 1 / fan[1]))
}

run_initializer <- function(describe) {
  name <- one_of(c("glorot_uniform", "he_uniform", "lecun_uniform",
                   "glorot_normal", "he_normal", "lecun_normal", "zeros",
                   "ones", "random_normal", "random_uniform",
                   "truncated_normal", "orthogonal", "constant"))
  rank <- if (name == "orthogonal") 1L + draw_count(2) else draw_count(3)
  d <- draw_dims(rank)
  seed <- one_of(list(NULL, draw_count(99)))
  describe(show_call(paste0("initializer_", name), list(d, seed = seed)))
  make <- getExportedValue("elman", paste0("initializer_", name))
  f <- value_of(if ("seed" %in% names(formals(make))) make(seed = seed) else
    make())
  x <- as.array(value_of(f(d)))
  if (!identical(as.integer(shape_of(x)), as.integer(d))) {
    complain("another shape: ", show_shape(x))
  }
  if (!all(is.finite(x))) complain("a weight is no number")
  inside <- function(limit) {
    if (any(abs(x) > limit * 1.000001)) complain("a weight is out of range")
  }
  if (grepl("_uniform$", name) && name != "random_uniform") {
    inside(limit_of(name, d))
  } else if (grepl("(glorot|he|lecun)_normal", name)) {
    # Cut off at two standard deviations, which are set for what is left.
    inside(2 * limit_of(name, d) / 0.87962566103423978)
  }
  switch(name, random_uniform = inside(0.05), truncated_normal = inside(0.1),
         zeros = , constant = inside(0), ones = inside(1), NULL)
  if (name == "orthogonal") {
    m <- matrix(from_row(by_row(x), c(prod(utils::head(d, -1)),
                                      utils::tail(d, 1))),
                ncol = utils::tail(d, 1))
    if (nrow(m) < ncol(m)) m <- t(m)
    must_agree(crossprod(m), diag(ncol(m)), 1e-5, "columns")
  }
}

run_random <- function(describe) {
  name <- one_of(c("uniform", "normal", "truncated_normal", "integer"))
  d <- draw_dims()
  seed <- draw_count(99)
  describe(show_call(paste0("random_", name), list(d, seed = seed)))
  draw <- function() {
    as.array(switch(name,
      uniform = random_uniform(d, -2, 3, seed = seed),
      normal = random_normal(d, 1, 2, seed = seed),
      truncated_normal = random_truncated_normal(d, 1, 2, seed = seed),
      integer = random_integer(d, -2, 3, seed = seed)
    ))
  }
  x <- value_of(draw())
  if (!identical(as.integer(shape_of(x)), as.integer(d))) {
    complain("another shape")
  }
  must_be_same(value_of(draw()), x, "the same seed draws otherwise")
  range <- switch(name, uniform = , integer = c(-2, 3),
                  truncated_normal = c(-3, 5), c(-30, 30))
  if (any(!is.finite(x) | x < range[1] | x > range[2])) {
    complain("a number is out of range")
  }
}

# ---- optimizers --------------------------------------------------------------

`%||%` <- function(a, b) if (is.null(a)) b else a
e <- 1e-7
optimizer_rules <- list(
  sgd = function(s, w, g, t, r) list(w - r * g, s),
  momentum = function(s, w, g, t, r) {
    m <- 0.5 * (s %||% 0) - r * g
    list(w + m, m)
  },
  nesterov = function(s, w, g, t, r) {
    m <- 0.5 * (s %||% 0) - r * g
    list(w + 0.5 * m - r * g, m)
  },
  rmsprop = function(s, w, g, t, r) {
    v <- 0.9 * (s %||% 0) + 0.1 * g^2
    list(w - r * g / sqrt(v + e), v)
  },
  adam = function(s, w, g, t, r) {
    s <- s %||% list(0, 0)
    m <- 0.9 * s[[1]] + 0.1 * g
    v <- 0.999 * s[[2]] + 0.001 * g^2
    a <- r * sqrt(1 - 0.999^t) / (1 - 0.9^t)
    list(w - a * m / (sqrt(v) + e), list(m, v))
  },
  adamax = function(s, w, g, t, r) {
    s <- s %||% list(0, 0)
    m <- 0.9 * s[[1]] + 0.1 * g
    u <- pmax(0.999 * s[[2]], abs(g))
    list(w - r / (1 - 0.9^t) * m / (u + e), list(m, u))
  },
  adagrad = function(s, w, g, t, r) {
    v <- (s %||% 0.1) + g^2
    list(w - r * g / sqrt(v + e), v)
  },
  adadelta = function(s, w, g, t, r) {
    s <- s %||% list(0, 0)
    v <- 0.95 * s[[1]] + 0.05 * g^2
    d <- -sqrt(s[[2]] + e) * g / sqrt(v + e)
    list(w + r * d, list(v, 0.95 * s[[2]] + 0.05 * d^2))
  },
  lion = function(s, w, g, t, r) {
    m <- s %||% 0
    list(w - r * sign(0.9 * m + 0.1 * g), 0.99 * m + 0.01 * g)
  }
)

run_optimizer <- function(describe) {
  name <- one_of(names(optimizer_rules))
  rate <- one_of(c(0.5, 0.01, 1e-3))
  clip <- one_of(list(NULL, "clipvalue", "clipnorm"))
  decay <- one_of(list(NULL, 0.1))
  d <- draw_dims(2)
  describe(paste("optimizer", name, rate, clip, decay, toString(d)))
  own <- list(rate, weight_decay = decay)
  if (!is.null(clip)) own[[clip]] <- 0.5
  make <- switch(name, momentum = , nesterov = optimizer_sgd,
                 getExportedValue("elman", paste0("optimizer_", name)))
  if (name == "momentum") own$momentum <- 0.5
  if (name == "nesterov") own <- c(own, list(momentum = 0.5, nesterov = TRUE))
  in_floatx("float64", {
    optimizer <- value_of(do.call(make, own))
    model <- keras_model_sequential(input_shape = d[1]) |>
      layer_dense(d[2], use_bias = FALSE)
    variables <- model$trainable_weights
    w <- get_weights(model)[[1]]
    state <- NULL
    for (t in 1:4) {
      g <- draw_numbers(d)
      value_of(optimizer$apply(list(as_tensor(g, "float64")), variables))
      if (identical(clip, "clipvalue")) g <- pmin(pmax(g, -0.5), 0.5)
      if (identical(clip, "clipnorm")) g <- g * min(1, 0.5 / sqrt(sum(g^2)))
      if (!is.null(decay)) w <- w - w * decay * rate
      step <- optimizer_rules[[name]](state, w, g, t, rate)
      w <- step[[1]]
      state <- step[[2]]
      must_agree(get_weights(model)[[1]], w, 1e-9, "the weight")
    }
  })
}

run_make <- function(describe) {
  one_of(list(run_activation, run_initializer, run_random,
              run_optimizer))(describe)
}
property_kinds$make <- list(share = 3, run = run_make)

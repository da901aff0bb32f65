# Initializers: functions of (shape, dtype) that make a weight's first values.

#' Initializers
#'
#' How weights start. Each gives a function of `(shape, dtype = NULL)` whose
#' value is a tensor; layers take them by name (`"glorot_uniform"`,
#' `"GlorotUniform"`), as objects, un-called, or take a function of yours or an
#' array.
#'
#' With fan_in and fan_out the numbers of inputs and outputs of the weight,
#' \eqn{s} = `scale` / n and n = fan_in, fan_out or their mean (fan_avg):
#'
#' | initializer | draws |
#' |---|---|
#' | `variance_scaling` | uniform in \eqn{\pm\sqrt{3 s}}, normal of variance \eqn{s}, or normal cut at two standard deviations and widened to variance \eqn{s} |
#' | `glorot_uniform`, `glorot_normal` | variance scaling, scale 1, fan_avg |
#' | `he_uniform`, `he_normal` | scale 2, fan_in |
#' | `lecun_uniform`, `lecun_normal` | scale 1, fan_in |
#' | `orthogonal` | a random matrix of orthonormal rows or columns, times `gain` |
#' | `random_uniform`, `random_normal` | from the distribution named |
#' | `truncated_normal` | normal, drawn again beyond two standard deviations |
#' | `constant`, `zeros`, `ones`, `identity` | what they say, times `gain` |
#'
#' One object gives the same values at each call with the same shape. Without
#' `seed` these are fixed when the object is made, from R's generator: after
#' `set.seed()` the same lines give the same weights.
#'
#' @param seed A whole number, `NULL`, or a [random_seed_generator()], with
#'   which every call draws anew.
#' @param value,gain A number.
#' @param mean,stddev Mean and standard deviation (before truncation).
#' @param minval,maxval Range.
#' @param scale A positive number.
#' @param mode `"fan_in"`, `"fan_out"` or `"fan_avg"`.
#' @param distribution `"truncated_normal"`, `"untruncated_normal"` or
#'   `"uniform"`.
#' @return A function `(shape, dtype = NULL)` giving a tensor; `get_config()`
#'   works on it.
#' @section Errors: `elman_error_argument` for a value that is out of range.
#'   When called, `elman_error_shape` where `orthogonal` gets fewer than two
#'   axes, or `identity` not exactly two.
#' @source Glorot and Bengio (2010); He et al. (2015)
#'   \doi{10.48550/arXiv.1502.01852}; Saxe et al. (2014)
#'   \doi{10.48550/arXiv.1312.6120}.
#' @examples
#' set.seed(1)
#' initializer_glorot_uniform()(c(3, 2))
#' q <- as.array(initializer_orthogonal(seed = 7)(c(3, 3)))
#' round(crossprod(q), 6)
#' layer_dense(units = 1, kernel_initializer = initializer_constant(0.5))
#' @name initializers
NULL

# ---- constant ones -----------------------------------------------------------

new_initializer <- function(class, config, fill, arguments = config) {
  call <- function(shape, dtype = NULL) {
    dtype <- if (is.null(dtype)) the$floatx else check_dtype(dtype)
    fill(known_shape(shape), dtype)
  }
  new_object(call, "keras.initializers", c(class, "elman_initializer"), config,
             arguments)
}

empty_config <- function() structure(list(), names = character())

#' @rdname initializers
#' @export
initializer_constant <- function(value = 0) {
  value <- check_number(value, "value")
  new_initializer("Constant", list(value = value), function(shape, dtype) {
    op_full(shape, value, dtype)
  })
}

#' @rdname initializers
#' @export
initializer_zeros <- function() {
  new_initializer("Zeros", empty_config(), op_zeros)
}

#' @rdname initializers
#' @export
initializer_ones <- function() {
  new_initializer("Ones", empty_config(), op_ones)
}

#' @rdname initializers
#' @export
initializer_identity <- function(gain = 1) {
  gain <- check_number(gain, "gain")
  new_initializer("Identity", list(gain = gain), function(shape, dtype) {
    if (length(shape) != 2L) {
      abort_shape(sprintf(
        "The identity initializer needs a shape of two sizes, not %s.",
        format_shape(shape)), "shape")
    }
    op_multiply(op_eye(shape[1], shape[2], dtype = dtype), gain)
  })
}

# ---- random ones -------------------------------------------------------------

# `draw(shape, dtype, key)`. The key is fixed here, or drawn at each call from a
# seed generator.
random_initializer <- function(class, seed, arguments, draw,
                               config = c(list(seed = seed), arguments)) {
  seed <- check_seed(seed)
  fixed <- if (!inherits(seed, "elman_seed_generator")) key_of(seed)
  fill <- function(shape, dtype) {
    if (!is_float(dtype)) {
      must_be(dtype, "dtype", "\"float32\" or \"float64\"")
    }
    draw(shape, dtype, fixed %||% next_key(seed))
  }
  new_initializer(class, config, fill, c(list(seed = seed), arguments))
}

check_seed <- function(seed) {
  if (inherits(seed, "elman_seed_generator")) return(seed)
  check_whole(seed, "seed", null_ok = TRUE)
}

#' @rdname initializers
#' @export
initializer_random_uniform <- function(minval = -0.05, maxval = 0.05,
                                       seed = NULL) {
  range <- list(minval = check_number(minval, "minval"),
                maxval = check_number(maxval, "maxval"))
  random_initializer("RandomUniform", seed, range, function(shape, dtype, key) {
    random_tensor("uniform", shape, dtype, key, minval = range$minval,
                  maxval = range$maxval)
  })
}

#' @rdname initializers
#' @export
initializer_random_normal <- function(mean = 0, stddev = 0.05, seed = NULL) {
  bell_initializer("RandomNormal", "normal", mean, stddev, seed)
}

#' @rdname initializers
#' @export
initializer_truncated_normal <- function(mean = 0, stddev = 0.05, seed = NULL) {
  bell_initializer("TruncatedNormal", "truncated_normal", mean, stddev, seed)
}

bell_initializer <- function(class, kind, mean, stddev, seed) {
  bell <- list(mean = check_number(mean, "mean"),
               stddev = check_number(stddev, "stddev", min = 0))
  random_initializer(class, seed, bell, function(shape, dtype, key) {
    random_tensor(kind, shape, dtype, key, mean = bell$mean,
                  stddev = bell$stddev)
  })
}

# ---- scaled to the weight's size ---------------------------------------------

# The standard deviation of a standard normal cut at -2 and 2.
truncated_deviation <- 0.87962566103423978

#' @rdname initializers
#' @export
initializer_variance_scaling <- function(scale = 1, mode = "fan_in",
                                         distribution = "truncated_normal",
                                         seed = NULL) {
  scale <- check_number(scale, "scale")
  if (scale <= 0) must_be(scale, "scale", "a positive number")
  if (identical(distribution, "normal")) distribution <- "truncated_normal"
  arguments <- list(
    scale = scale,
    mode = match_name(mode, c("fan_in", "fan_out", "fan_avg"), "mode"),
    distribution = match_name(
      distribution, c("truncated_normal", "untruncated_normal", "uniform"),
      "distribution"
    )
  )
  scaling_initializer("VarianceScaling", seed, arguments, arguments)
}

scaling_initializer <- function(class, seed, arguments, written = list()) {
  draw <- function(shape, dtype, key) {
    fan <- switch(arguments$mode, fan_in = fans(shape)[1],
                  fan_out = fans(shape)[2], mean(fans(shape)))
    variance <- arguments$scale / max(1, fan)
    if (arguments$distribution == "uniform") {
      limit <- sqrt(3 * variance)
      return(random_tensor("uniform", shape, dtype, key, minval = -limit,
                           maxval = limit))
    }
    truncated <- arguments$distribution == "truncated_normal"
    deviation <- sqrt(variance) / if (truncated) truncated_deviation else 1
    random_tensor(if (truncated) "truncated_normal" else "normal", shape, dtype,
                  key, mean = 0, stddev = deviation)
  }
  random_initializer(
    class, seed, written, draw,
    config = c(list(seed = seed), written,
               list(input_axes = NULL, output_axes = NULL))
  )
}

# Numbers of inputs and outputs of a weight; of a filter, times its extent.
fans <- function(shape) {
  n <- length(shape)
  if (n == 0L) return(c(1, 1))
  if (n == 1L) return(c(shape, shape))
  extent <- prod(shape[seq_len(n - 2L)])
  c(shape[n - 1L], shape[n]) * extent
}

named_scaling <- function(class, scale, mode, distribution) {
  arguments <- list(scale = scale, mode = mode, distribution = distribution)
  function(seed = NULL) scaling_initializer(class, seed, arguments)
}

#' @rdname initializers
#' @export
initializer_glorot_uniform <-
  named_scaling("GlorotUniform", 1, "fan_avg", "uniform")

#' @rdname initializers
#' @export
initializer_glorot_normal <-
  named_scaling("GlorotNormal", 1, "fan_avg", "truncated_normal")

#' @rdname initializers
#' @export
initializer_he_uniform <- named_scaling("HeUniform", 2, "fan_in", "uniform")

#' @rdname initializers
#' @export
initializer_he_normal <-
  named_scaling("HeNormal", 2, "fan_in", "truncated_normal")

#' @rdname initializers
#' @export
initializer_lecun_uniform <-
  named_scaling("LecunUniform", 1, "fan_in", "uniform")

#' @rdname initializers
#' @export
initializer_lecun_normal <-
  named_scaling("LecunNormal", 1, "fan_in", "truncated_normal")

# ---- orthogonal --------------------------------------------------------------

#' @rdname initializers
#' @export
initializer_orthogonal <- function(gain = 1, seed = NULL) {
  gain <- check_number(gain, "gain")
  random_initializer("Orthogonal", seed, list(gain = gain),
                     function(shape, dtype, key) {
    if (length(shape) < 2L) {
      abort_shape(sprintf(paste(
        "The orthogonal initializer needs a shape of at least two sizes,",
        "not %s."
      ), format_shape(shape)), "shape")
    }
    columns <- shape[length(shape)]
    rows <- prod(shape) / max(1, columns)
    tall <- c(max(rows, columns), min(rows, columns))
    a <- random_tensor("normal", as.integer(tall), "float64", key, mean = 0,
                       stddev = 1)
    q <- cpp_orthonormal_columns(as.array(a))
    if (rows < columns) q <- t(q)
    op_reshape(as_tensor(gain * q, dtype), shape)
  })
}


# ---- how layers find them ----------------------------------------------------

initializer_aliases <- c(
  zero = "zeros", one = "ones", normal = "random_normal",
  uniform = "random_uniform", identity_initializer = "identity",
  orthogonal_initializer = "orthogonal"
)

named_initializer <- function(name) {
  named_constructor(name, "initializer_", "initializer", initializer_aliases)
}

# What a user gives as an initializer: a name, object, un-called constructor,
# configuration, own function, or the values themselves; NULL stays NULL.
get_initializer <- function(x, arg = "initializer") {
  if (is.null(x) || inherits(x, "elman_initializer") || is_tensor(x)) return(x)
  if (is.character(x)) return(named_initializer(x)())
  if (is.function(x)) {
    return(if (is_uncalled(x, "initializer_")) x() else x)
  }
  if (is.list(x)) return(deserialize_object(x))
  if (is.numeric(x) || is.logical(x)) return(x)
  must_be(x, arg, paste("a name, an initializer, a function of (shape, dtype)",
                        "or an array"))
}

# The first values of a weight, whatever the initializer is.
initial_value <- function(initializer, shape, dtype, name) {
  if (is.null(initializer)) initializer <- initializer_glorot_uniform()
  if (is.function(initializer)) {
    both <- length(formals(initializer)) > 1L
    value <- if (both) initializer(shape, dtype) else initializer(shape)
    value <- as_tensor(value, dtype)
  } else {
    value <- as_tensor(initializer, dtype)
    if (is.null(dim(initializer)) && length(shape) == 1L) {
      value <- op_reshape(value, length(initializer))
    }
  }
  if (!identical(tensor_shape(value), shape)) {
    abort_shape(sprintf(
      "The initializer of `%s` must give values of shape %s, not %s.", name,
      format_shape(shape), format_shape(tensor_shape(value))), name)
  }
  value
}

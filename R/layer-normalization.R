# Normalization by a mean and a variance that are given, or counted from data
# by adapt().

Normalization <- R6::R6Class(
  "Normalization",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    axis = NULL,
    invert = FALSE,
    # What the constructor was given.
    input_mean = NULL,
    input_variance = NULL,
    # What is counted, for the kept axes in order.
    adapt_mean = NULL,
    adapt_variance = NULL,
    count = NULL,

    initialize = function(axis = -1L, mean = NULL, variance = NULL,
                          invert = FALSE, ...) {
      super$initialize(...)
      self$supports_masking <- TRUE
      self$axis <- if (length(axis)) check_layer_axes(axis) else integer()
      self$invert <- check_flag(invert, "invert")
      self$input_mean <- given_moments(mean, "mean")
      self$input_variance <- given_moments(variance, "variance")
      check_moments(self)
    },

    check_input = function(shape) {
      super$check_input(shape)
      kept <- shape[private$kept(length(shape))]
      if (self$built && !fits_shape(kept, private$sizes)) {
        abort_shape(sprintf(
          "The input of layer `%s` must have sizes %s along `axis`, not %s.",
          self$name, format_shape(private$sizes), format_shape(kept)),
          "inputs")
      }
    },

    create_weights = function(input_shape) {
      private$sizes <- known_sizes(self, input_shape, self$axis)
      if (!is.null(self$input_mean)) return(private$spread_given())
      add <- function(name, initializer, shape = private$sizes, dtype = NULL) {
        self$add_weight(name = name, shape = shape, dtype = dtype,
                        initializer = initializer, trainable = FALSE)
      }
      self$adapt_mean <- add("mean", "zeros")
      self$adapt_variance <- add("variance", "ones")
      self$count <- add("count", "zeros", integer(), "int32")
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      shape <- shape_of(inputs)
      wide <- rep(1L, length(shape))
      wide[private$kept(length(shape))] <- private$sizes
      mean <- op_reshape(self$mean, wide)
      deviation <- op_maximum(op_sqrt(op_reshape(self$variance, wide)),
                              the$epsilon)
      if (self$invert) return(op_add(mean, op_multiply(inputs, deviation)))
      op_divide(op_subtract(inputs, mean), deviation)
    },

    adapt = function(data, ..., batch_size = NULL, steps = NULL) {
      check_dots(...)
      if (!is.null(self$input_mean)) {
        abort_state(sprintf(paste(
          "Layer `%s` was given its mean and variance: there is nothing to",
          "adapt."), self$name))
      }
      total <- list(count = 0)
      each_batch(data, function(batch) {
        total <<- pool_moments(total, private$count_batch(batch))
      }, steps)
      if (!total$count) must_be(data, "data", "something to count")
      variable_assign(self$adapt_mean, total$mean)
      variable_assign(self$adapt_variance, total$variance)
      note_edit()
      invisible(NULL)
    },

    layer_config = function() {
      c(list(axis = as.list(zero_based_config(self$axis)),
             invert = self$invert),
        list(mean = self$input_mean), list(variance = self$input_variance))
    }
  ),

  active = list(
    mean = function() private$given$mean %||% self$adapt_mean,
    variance = function() private$given$variance %||% self$adapt_variance
  ),

  private = list(
    sizes = NULL,
    given = NULL,

    kept = function(rank) axis_of_layer(self, self$axis, rank),

    # What was given as tensors of the sizes of the axes.
    spread_given = function() {
      spread <- function(x, arg) {
        x <- as_tensor(x, self$dtype)
        have <- shape_of(x)
        end <- utils::tail(private$sizes, length(have))
        if (!all(have == 1L | have == end)) {
          abort_shape(sprintf(
            "`%s` must have shape %s in layer `%s`, not %s.", arg,
            format_shape(private$sizes), self$name, format_shape(have)), arg)
        }
        op_broadcast_to(x, private$sizes)
      }
      private$given <- list(mean = spread(self$input_mean, "mean"),
                            variance = spread(self$input_variance, "variance"))
    },

    # Count, mean and variance of one batch, in double precision.
    count_batch = function(batch) {
      if (is.list(batch) && !is.data.frame(batch)) batch <- batch[[1]]
      x <- as_tensor(as_tensor(batch, self$dtype), "float64")
      shape <- shape_of(x)
      if (!self$built) {
        known <- shape
        known[setdiff(1L, private$kept(length(shape)))] <- NA
        self$build(known)
      }
      self$check_input(shape)
      others <- setdiff(seq_along(shape), private$kept(length(shape)))
      if (!length(others)) {
        return(list(count = 1, mean = x, variance = op_zeros_like(x)))
      }
      list(count = prod(shape[others]),
           mean = op_mean(x, axis = others),
           variance = op_var(x, axis = others))
    }
  )
)

given_moments <- function(x, arg) {
  if (is.null(x)) return(NULL)
  if (is_tensor(x)) x <- as.array(x)
  x <- if (is.list(x)) rapply(x, as.numeric, how = "list") else x
  if (is.list(x)) x <- as.array(tensor_from_r(x, "float64", arg))
  if (!is.numeric(x) || !length(x) || !all(is.finite(x))) {
    must_be(x, arg, "numbers or NULL")
  }
  x
}

check_moments <- function(self) {
  mean <- self$input_mean
  variance <- self$input_variance
  if (is.null(mean) != is.null(variance)) {
    abort_argument("`mean` and `variance` must be given both or neither.",
                   if (is.null(mean)) "mean" else "variance")
  }
  if (is.null(mean)) return(invisible())
  shape <- function(x) dim(x) %||% if (length(x) > 1L) length(x) else integer()
  if (!identical(shape(mean), shape(variance))) {
    abort_shape(sprintf("`variance` must have the shape %s of `mean`, not %s.",
                        format_shape(shape(mean)),
                        format_shape(shape(variance))), "variance")
  }
  if (length(shape(mean)) > length(self$axis)) {
    abort_shape(sprintf(
      "`mean` must have at most %d axes, as `axis` has, not %d.",
      length(self$axis), length(shape(mean))), "mean")
  }
  if (any(variance < 0)) must_be(variance, "variance", "at least 0")
}

# Count, mean and variance of two sets of data together.
pool_moments <- function(a, b) {
  if (!a$count) return(b)
  count <- a$count + b$count
  share <- b$count / count
  shift <- op_subtract(b$mean, a$mean)
  list(
    count = count,
    mean = op_add(a$mean, op_multiply(shift, share)),
    variance = op_add(
      op_add(op_multiply(a$variance, 1 - share),
             op_multiply(b$variance, share)),
      op_multiply(op_square(shift), share * (1 - share))
    )
  )
}

from_config_normalization <- function(config, custom_objects = NULL) {
  config["axis"] <- list(one_based_config(config$axis))
  wrap_layer(construct(Normalization$new, config))
}

#' Normalization by known statistics
#'
#' Subtracts a mean and divides by a standard deviation, one for each place
#' along the axes `axis`. They are given, or counted from data by [adapt()]
#' before training; training leaves them alone.
#'
#' Weights, not trained, where they are not given: `mean`, `variance` and
#' `count`.
#'
#' @inheritParams layer_dropout
#' @param axis The axis or axes that keep statistics of their own, counted from
#'   1 (the batch), negative ones from the end; `NULL` for one mean and variance
#'   of all numbers.
#' @param mean,variance Mean and variance, both or neither: numbers, or arrays
#'   of the sizes of the axes.
#' @param invert Whether to undo the normalization: multiply by the standard
#'   deviation and add the mean.
#' @return A layer, the model (invisibly), or what the layer gives, of the shape
#'   of its input. Masks are handed on.
#' @section Errors: `elman_error_argument` where only one of `mean` and
#'   `variance` is given; `elman_error_shape` where their shapes or the input's
#'   do not fit the axes; `elman_error_state` for [adapt()] where they are
#'   given.
#' @section Compatibility: `set_weights()` takes effect at once; in Keras only
#'   after another [adapt()].
#' @family normalization layers
#' @examples
#' x <- matrix(c(1, 3, 5, 0, 10, 20), 3)
#' layer <- layer_normalization()
#' adapt(layer, x)
#' layer(x)
#' layer_normalization(x, mean = c(3, 10), variance = c(1, 4))
#' @export
layer_normalization <- function(object, axis = -1L, mean = NULL,
                                variance = NULL, invert = FALSE, ...) {
  compose_layer(object, function() {
    Normalization$new(axis, mean, variance, invert, ...)
  })
}

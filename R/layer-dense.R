# The dense layer: an affine map of the last axis, and its low-rank updates.

Dense <- R6::R6Class(
  "Dense",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    units = NULL,
    activation = NULL,
    use_bias = TRUE,
    bias = NULL,
    lora_rank = NULL,
    lora_alpha = NULL,
    lora_enabled = FALSE,
    lora_kernel_a = NULL,
    lora_kernel_b = NULL,

    initialize = function(units,
                          activation = NULL,
                          use_bias = TRUE,
                          kernel_initializer = "glorot_uniform",
                          bias_initializer = "zeros",
                          kernel_regularizer = NULL,
                          bias_regularizer = NULL,
                          kernel_constraint = NULL,
                          bias_constraint = NULL,
                          lora_rank = NULL,
                          lora_alpha = NULL,
                          ...,
                          quantization_config = NULL) {
      super$initialize(...)
      if (!is.null(quantization_config)) {
        must_be(quantization_config, "quantization_config", "NULL")
      }
      self$units <- check_count(units, "units")
      self$activation <- get_activation(activation)
      self$use_bias <- check_flag(use_bias, "use_bias")
      self$kernel_initializer <-
        get_initializer(kernel_initializer, "kernel_initializer")
      self$bias_initializer <-
        get_initializer(bias_initializer, "bias_initializer")
      self$kernel_regularizer <-
        get_regularizer(kernel_regularizer, "kernel_regularizer")
      self$bias_regularizer <-
        get_regularizer(bias_regularizer, "bias_regularizer")
      self$kernel_constraint <-
        get_constraint(kernel_constraint, "kernel_constraint")
      self$bias_constraint <- get_constraint(bias_constraint, "bias_constraint")
      self$lora_rank <- if (!is.null(lora_rank)) {
        check_count(lora_rank, "lora_rank")
      }
      self$lora_alpha <- check_number(lora_alpha, "lora_alpha", null_ok = TRUE)
      if (!is.null(lora_rank)) private$check_lora()
      self$supports_masking <- TRUE
      self$min_ndim <- 2L
    },

    create_weights = function(input_shape) {
      features <- known_features(self, input_shape)
      self$input_features <- features
      private$own_kernel <- self$add_weight(
        name = "kernel", shape = c(features, self$units),
        initializer = self$kernel_initializer,
        regularizer = self$kernel_regularizer,
        constraint = self$kernel_constraint
      )
      if (self$use_bias) {
        self$bias <- self$add_weight(
          name = "bias", shape = self$units,
          initializer = self$bias_initializer,
          regularizer = self$bias_regularizer,
          constraint = self$bias_constraint
        )
      }
      if (!is.null(self$lora_rank)) {
        private$add_lora(self$lora_rank, self$lora_alpha, "he_uniform", "zeros")
      }
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      y <- run_op(dense_op, if (is.null(self$bias)) {
        list(inputs, self$kernel)
      } else {
        list(inputs, self$kernel, self$bias)
      })
      if (identical(self$activation, activation_linear)) y else
        self$activation(y)
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      input_shape[length(input_shape)] <- self$units
      input_shape
    },

    # Freezes the kernel and trains a product of two thin matrices beside it.
    enable_lora = function(rank, lora_alpha = NULL,
                           a_initializer = "he_uniform",
                           b_initializer = "zeros") {
      rank <- check_count(rank, "rank")
      private$check_lora()
      if (!self$built) {
        abort_state(sprintf(
          "Layer `%s` must be built before enable_lora().", self$name))
      }
      if (self$lora_enabled) {
        abort_state(sprintf("Layer `%s` has its LoRA weights already.",
                            self$name))
      }
      private$add_lora(rank, lora_alpha, a_initializer, b_initializer)
      invisible(NULL)
    },

    layer_config = function() {
      config <- list(
        units = self$units,
        activation = serialize_activation(self$activation),
        use_bias = self$use_bias,
        kernel_initializer = serialize_object(self$kernel_initializer),
        bias_initializer = serialize_object(self$bias_initializer),
        kernel_regularizer = serialize_object(self$kernel_regularizer),
        bias_regularizer = serialize_object(self$bias_regularizer),
        kernel_constraint = serialize_object(self$kernel_constraint),
        bias_constraint = serialize_object(self$bias_constraint),
        quantization_config = NULL
      )
      if (!is.null(self$lora_rank)) {
        config$lora_rank <- self$lora_rank
        config["lora_alpha"] <- list(self$lora_alpha)
      }
      config
    }
  ),

  active = list(
    # What the input is multiplied by: with LoRA, kernel + alpha/rank A B.
    kernel = function() {
      if (!self$lora_enabled) return(private$own_kernel)
      update <- op_matmul(self$lora_kernel_a, self$lora_kernel_b)
      op_add(private$own_kernel,
             op_multiply(update, self$lora_alpha / self$lora_rank))
    }
  ),

  private = list(
    own_kernel = NULL,

    check_lora = function() {
      if (!is.null(self$kernel_constraint)) {
        abort_argument(paste("`kernel_constraint` must be NULL where LoRA is",
                             "used: the kernel itself is not trained."),
                       "kernel_constraint")
      }
    },

    add_lora = function(rank, alpha, a_initializer, b_initializer) {
      self$lora_rank <- rank
      self$lora_alpha <- alpha %||% rank
      self$lora_kernel_a <- self$add_weight(
        name = "lora_kernel_a", shape = c(self$input_features, rank),
        initializer = a_initializer, regularizer = self$kernel_regularizer
      )
      self$lora_kernel_b <- self$add_weight(
        name = "lora_kernel_b", shape = c(rank, self$units),
        initializer = b_initializer, regularizer = self$kernel_regularizer
      )
      private$own_kernel$trainable <- FALSE
      self$lora_enabled <- TRUE
    }
  )
)

#' Dense layer
#'
#' Maps the last axis: \eqn{y = f(x W + b)}, with `kernel` W (features, units)
#' and `bias` b (units). Other axes are left as they are, so that sequences
#' (batch, time, features) are mapped step by step.
#'
#' @inheritParams layer_simple_rnn
#' @param object What the layer is composed with. Missing or `NULL`: the layer
#'   is returned. A sequential model: the layer is added to it, in place. A
#'   tensor, symbolic tensor or R array (batch, ..., features): the layer is
#'   called on it.
#' @param kernel_initializer,bias_initializer How the weights start, see
#'   [initializers]: a name, object, function of `(shape, dtype)` or array.
#' @param kernel_regularizer,bias_regularizer Penalties on the weights, see
#'   [regularizers].
#' @param kernel_constraint,bias_constraint Applied to the weights after each
#'   update, see [constraints].
#' @param lora_rank Rank of a low-rank update that is trained in place of the
#'   kernel, which is frozen: the input is multiplied by
#'   \eqn{W + (\alpha / r) A B}, A (features, rank), B (rank, units) starting at
#'   zeros. `NULL` trains the kernel itself. The same can be had later by
#'   `layer$enable_lora(rank)`.
#' @param lora_alpha The number \eqn{\alpha}; `NULL` for `lora_rank`.
#' @param ... `name`, `dtype`, `trainable`, `autocast`; for the first layer of a
#'   sequential model `input_shape` (features), `input_dim`, `batch_size`,
#'   `batch_input_shape`; `weights`, a list of arrays to start from.
#' @return A layer, the model (invisibly), or what the layer gives:
#'   (batch, ..., units).
#' @section Errors: `elman_error_argument` for an argument out of range or an
#'   unknown name; `elman_error_shape` where the input has fewer than two axes
#'   or another number of features than before.
#' @source LoRA: Hu et al. (2021) \doi{10.48550/arXiv.2106.09685}.
#' @examples
#' layer <- layer_dense(units = 2, activation = "relu")
#' layer(matrix(rnorm(12), 4, 3))
#' get_weights(layer)
#' @export
layer_dense <- function(object,
                        units,
                        activation = NULL,
                        use_bias = TRUE,
                        kernel_initializer = "glorot_uniform",
                        bias_initializer = "zeros",
                        kernel_regularizer = NULL,
                        bias_regularizer = NULL,
                        activity_regularizer = NULL,
                        kernel_constraint = NULL,
                        bias_constraint = NULL,
                        lora_rank = NULL,
                        lora_alpha = NULL,
                        ...) {
  units <- check_count(units, "units")
  compose_layer(object, function() {
    Dense$new(
      units = units,
      activation = activation,
      use_bias = use_bias,
      kernel_initializer = kernel_initializer,
      bias_initializer = bias_initializer,
      kernel_regularizer = kernel_regularizer,
      bias_regularizer = bias_regularizer,
      activity_regularizer = activity_regularizer,
      kernel_constraint = kernel_constraint,
      bias_constraint = bias_constraint,
      lora_rank = lora_rank,
      lora_alpha = lora_alpha,
      ...
    )
  })
}

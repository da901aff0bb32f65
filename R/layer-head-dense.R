# The projections inside multi-head attention: an affine map of the last axes to
# new ones, such as features to [heads, size].

HeadDense <- R6::R6Class(
  "HeadDense",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    # Sizes of the axes that come, and how many go.
    sizes = NULL,
    bound = 1L,
    use_bias = TRUE,
    kernel = NULL,
    bias = NULL,

    initialize = function(sizes, bound, use_bias, roles, ...) {
      super$initialize(...)
      self$sizes <- sizes
      self$bound <- bound
      self$use_bias <- use_bias
      private$roles <- roles
    },

    create_weights = function(input_shape) {
      gone <- utils::tail(input_shape, self$bound)
      if (anyNA(gone)) {
        abort_shape(sprintf(
          "Layer `%s` must know the number of features, not %s.", self$path,
          format_shape(input_shape)), "input_shape")
      }
      add <- function(name, shape) {
        self$add_weight(
          name = name, shape = shape,
          initializer = private$roles[[paste0(name, "_initializer")]],
          regularizer = private$roles[[paste0(name, "_regularizer")]],
          constraint = private$roles[[paste0(name, "_constraint")]]
        )
      }
      self$kernel <- add("kernel", c(gone, self$sizes))
      if (self$use_bias) self$bias <- add("bias", self$sizes)
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      shape <- shape_of(inputs)
      lead <- utils::head(shape, -self$bound)
      units <- as.integer(prod(self$sizes))
      x <- op_reshape(inputs, c(lead, prod(utils::tail(shape, self$bound))))
      given <- list(x, op_reshape(self$kernel, c(-1L, units)))
      if (self$use_bias) given <- c(given, list(op_reshape(self$bias, units)))
      op_reshape(run_op(dense_op, given), c(lead, self$sizes))
    },

    compute_output_shape = function(input_shape) {
      c(utils::head(input_shape, -self$bound), self$sizes)
    }
  ),
  private = list(roles = NULL)
)

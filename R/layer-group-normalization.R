# Group normalization: each sample by itself, a group of channels at a time.

GroupNormalization <- R6::R6Class(
  "GroupNormalization",
  inherit = ScaleShift,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    groups = NULL,

    initialize = function(groups = 32L, axis = -1L, ...) {
      super$initialize(axis = axis, ...)
      one_axis(self$axis)
      if (!is_whole(groups) || groups < 1 && groups != -1) {
        must_be(groups, "groups",
                "a positive whole number, or -1 for one channel each")
      }
      self$groups <- as.integer(groups)
    },

    create_weights = function(input_shape) {
      channels <- known_sizes(self, input_shape, self$axis)
      if (axis_of_layer(self, self$axis, length(input_shape)) == 1L) {
        must_be(self$axis, "axis", "another axis than the batch")
      }
      if (self$groups == -1L) self$groups <- channels
      if (channels %% self$groups != 0L) {
        abort_shape(sprintf(
          "`groups` must divide the %d channels of layer `%s`, not be %d.",
          channels, self$name, self$groups), "groups")
      }
      self$add_scale_shift(input_shape)
    },

    # [batch, ..., channels, ...] as [batch, ..., groups, members, ...].
    call = function(inputs, mask = NULL, training = FALSE) {
      shape <- shape_of(inputs)
      at <- axis_of_layer(self, self$axis, length(shape))
      parts <- append(shape, self$groups, at - 1L)
      parts[at + 1L] <- shape[at] %/% self$groups
      x <- op_reshape(inputs, parts)
      m <- moments(x, setdiff(seq_along(parts), c(1L, at)))
      wide <- wide_shape(parts, c(at, at + 1L))
      op_reshape(self$standardize(x, m$mean, m$variance, wide), shape)
    },

    layer_config = function() {
      c(list(groups = self$groups, axis = zero_based_config(self$axis)),
        entries_of(self, c("epsilon", "center", "scale", scale_shift_entries)))
    }
  )
)

one_axis <- function(axis) {
  if (length(axis) != 1L) must_be(axis, "axis", "one axis")
}

from_config_group_normalization <- function(config, custom_objects = NULL) {
  read_axis(GroupNormalization, config)
}

#' Group normalization
#'
#' Parts the channels into groups of neighbours and gives each group of a sample
#' mean 0 and variance 1, over its channels and all steps or places; then each
#' channel has a learned scale `gamma` and shift `beta`, as in
#' [layer_layer_normalization()]. With one channel a group (`groups = -1`) this
#' is instance normalization.
#'
#' @inheritParams layer_layer_normalization
#' @param groups Number of groups, which divides that of the channels; -1 for as
#'   many as channels.
#' @param axis The axis of the channels, counted from 1 (the batch), negative
#'   ones from the end.
#' @inherit layer_layer_normalization return
#' @section Errors: `elman_error_argument` for an argument out of range;
#'   `elman_error_shape` where the input has no such axis, or a number of
#'   channels that is unknown, another than before or not divisible.
#' @source Wu and He (2018) <https://arxiv.org/abs/1803.08494>.
#' @family normalization layers
#' @examples
#' layer <- layer_group_normalization(groups = 2)
#' layer(array(rnorm(24), c(2, 3, 4)))
#' @export
layer_group_normalization <- function(object,
                                      groups = 32L,
                                      axis = -1L,
                                      epsilon = 0.001,
                                      center = TRUE,
                                      scale = TRUE,
                                      beta_initializer = "zeros",
                                      gamma_initializer = "ones",
                                      beta_regularizer = NULL,
                                      gamma_regularizer = NULL,
                                      beta_constraint = NULL,
                                      gamma_constraint = NULL,
                                      ...) {
  arguments <- own_arguments("object")
  compose_layer(object, function() {
    make_instance(GroupNormalization, arguments, ...)
  })
}

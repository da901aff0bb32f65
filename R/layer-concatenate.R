# Tensors side by side.

Concatenate <- R6::R6Class(
  "Concatenate",
  inherit = Merge,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    axis = NULL,

    initialize = function(axis = -1L, ...) {
      super$initialize(...)
      self$axis <- check_merge_axis(axis, "axis")
    },

    merged_shape = function(shapes) {
      rank <- length(shapes[[1]])
      at <- zero_based_axis(self$axis, rank) + 1L
      for (shape in shapes[-1]) {
        if (length(shape) != rank || !fits_shape(shape[-at],
                                                 shapes[[1]][-at])) {
          abort_shape(sprintf(
            "The inputs of layer `%s` must agree but for axis %d, not be %s.",
            self$name, at, paste(vapply(shapes, format_shape, ""),
                                 collapse = " and ")), "inputs")
        }
      }
      known <- function(a, b) ifelse(is.na(a), b, a)
      merged <- Reduce(known, shapes)
      merged[at] <- sum(vapply(shapes, `[`, 1L, at))
      merged
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      op_concatenate(inputs, axis = self$axis)
    },

    # An input without a mask counts whole. Masks of joined features: a step
    # counts where any feature does.
    compute_mask = function(inputs, mask = NULL) {
      if (!is.list(mask) || all(lengths(mask) == 0L)) return(NULL)
      masks <- Map(function(x, mask) {
        if (is.null(mask)) return(op_ones(shape_of(x), "bool"))
        if (rank_of(mask) == rank_of(x)) return(mask)
        wide <- op_reshape(mask, c(shape_of(mask),
                                   rep(1L, rank_of(x) - rank_of(mask))))
        op_broadcast_to(wide, shape_of(x))
      }, inputs, mask)
      op_any(op_concatenate(masks, axis = self$axis), axis = -1L)
    },

    layer_config = function() list(axis = zero_based_config(self$axis))
  )
)

# Not the batch axis, which is counted as 1.
check_merge_axis <- function(axis, arg) {
  if (!is_whole(axis) || axis == 0) {
    must_be(axis, arg, "a whole number, counted from 1 or from -1 backwards")
  }
  as.integer(axis)
}

# Configurations count axes from 0.
zero_based_config <- function(axis) ifelse(axis > 0L, axis - 1L, axis)
one_based_config <- function(axis) {
  axis <- as.integer(unlist(axis))
  ifelse(axis >= 0L, axis + 1L, axis)
}

from_config_concatenate <- function(config, custom_objects = NULL) {
  if (!is.null(config$axis)) config$axis <- one_based_config(config$axis)
  wrap_layer(construct(Concatenate$new, config))
}

#' Concatenate tensors
#'
#' Puts tensors end to end along one axis; all other axes must agree.
#'
#' @inheritParams merging_layers
#' @param axis The axis to join along, counted from 1 (the batch), negative ones
#'   from the end.
#' @return The joined tensor, or a layer.
#' @section Masks: Where an input carries a mask, the output does; an input
#'   without one counts whole. Joined along time, masks are joined; joined along
#'   features, a step counts where it counts in any input.
#' @section Errors: `elman_error_shape` where shapes differ on another axis.
#' @family merging layers
#' @examples
#' layer_concatenate(matrix(1:4, 2), matrix(5:6, 2))
#' layer_concatenate(matrix(1:4, 2), matrix(5:6, 1), axis = 1)
#' @export
layer_concatenate <- function(inputs, ..., axis = -1L) {
  compose_merge(Concatenate, if (!missing(inputs)) inputs, merge_dots(...),
                axis = axis)
}

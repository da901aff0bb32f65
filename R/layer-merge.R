# Layers that make one tensor of several, element by element. How layers that
# take several tensors are composed and checked stands here, too.

Merge <- R6::R6Class(
  "Merge",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(...) {
      super$initialize(...)
      self$supports_masking <- TRUE
    },

    # No weights: building is looking at the shapes.
    build = function(input_shape) {
      if (self$built) return(invisible(self))
      shapes <- merge_shapes(input_shape)
      self$check_input(shapes)
      self$built <- TRUE
      private$built_shape <- shapes
      invisible(self)
    },

    convert_inputs = function(inputs) {
      check_several(self, inputs)
      lapply(unname(inputs), convert_input, self = self)
    },

    check_input = function(shape) {
      check_several(self, shape)
      self$merged_shape(shape)
    },

    compute_output_shape = function(input_shape) {
      shapes <- merge_shapes(input_shape)
      self$check_input(shapes)
      self$merged_shape(shapes)
    },

    # The batch axis, and what the others broadcast to.
    merged_shape = function(shapes) {
      batch <- common_batch(self, shapes)
      c(batch, Reduce(broadcast_shape, lapply(shapes, function(s) s[-1])))
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      self$combine(same_rank(inputs))
    },

    # A step counts where it counts in any input.
    compute_mask = function(inputs, mask = NULL) {
      if (!is.list(mask) || any(lengths(mask) == 0L)) return(NULL)
      Reduce(op_logical_or, mask)
    }
  )
)

merge_shapes <- function(shapes) {
  if (!is.list(shapes)) {
    must_be(shapes, "input_shape", "a list of shapes")
  }
  lapply(shapes, as_shape, arg = "input_shape")
}

check_several <- function(self, inputs) {
  if (!is.list(inputs) || !length(inputs)) {
    must_be(inputs, "inputs", "a list of tensors")
  }
}

common_batch <- function(self, shapes) {
  sizes <- vapply(shapes, function(s) s[1], 1L)
  known <- unique(sizes[!is.na(sizes)])
  if (length(known) > 1L) {
    abort_shape(sprintf(
      "The inputs of layer `%s` must have one batch size, not %s.", self$name,
      paste(known, collapse = " and ")), "inputs")
  }
  if (length(known)) known else NA_integer_
}

# Axes of size 1 are put behind the batch axis of those that have fewer.
same_rank <- function(inputs) {
  rank <- max(vapply(inputs, rank_of, 1L))
  lapply(inputs, function(x) {
    shape <- shape_of(x)
    if (length(shape) == rank) return(x)
    op_reshape(x, append(shape, rep(1L, rank - length(shape)), 1L))
  })
}

# The mask [batch, time] of a tensor as one that chooses among its elements.
wide_mask <- function(x) {
  mask <- get_mask(x)
  if (is.null(mask)) return(NULL)
  op_reshape(mask, c(shape_of(mask), rep(1L, rank_of(x) - rank_of(mask))))
}

two_inputs <- function(self, shapes) {
  if (length(shapes) != 2L) {
    abort_argument(sprintf("Layer `%s` must have 2 inputs, not %d.", self$name,
                           length(shapes)), "inputs")
  }
}

# ---- the members -------------------------------------------------------------

Add <- R6::R6Class(
  "Add", inherit = Merge, lock_objects = FALSE, cloneable = FALSE,
  public = list(combine = function(inputs) Reduce(op_add, inputs))
)

Subtract <- R6::R6Class(
  "Subtract", inherit = Merge, lock_objects = FALSE, cloneable = FALSE,
  public = list(
    check_input = function(shape) {
      two_inputs(self, shape)
      super$check_input(shape)
    },
    combine = function(inputs) op_subtract(inputs[[1]], inputs[[2]])
  )
)

Average <- R6::R6Class(
  "Average", inherit = Merge, lock_objects = FALSE, cloneable = FALSE,
  public = list(
    combine = function(inputs) {
      op_divide(Reduce(op_add, inputs), length(inputs))
    }
  )
)

# What is masked counts as 1; where all are masked the product is 0.
Multiply <- R6::R6Class(
  "Multiply", inherit = Merge, lock_objects = FALSE, cloneable = FALSE,
  public = list(
    combine = function(inputs) {
      masks <- lapply(inputs, wide_mask)
      parts <- Map(function(x, mask) {
        if (is.null(mask)) x else op_where(mask, x, 1)
      }, inputs, masks)
      y <- Reduce(op_multiply, parts)
      if (any(lengths(masks) == 0L)) return(y)
      op_where(Reduce(op_logical_or, masks), y, 0)
    }
  )
)

Maximum <- R6::R6Class(
  "Maximum", inherit = Merge, lock_objects = FALSE, cloneable = FALSE,
  public = list(combine = function(inputs) extreme_of(op_maximum, inputs))
)

Minimum <- R6::R6Class(
  "Minimum", inherit = Merge, lock_objects = FALSE, cloneable = FALSE,
  public = list(combine = function(inputs) extreme_of(op_minimum, inputs))
)

# From the left, one by one: where one of the two is masked, the other is
# taken. A tensor without a mask ends the masks of those before it.
extreme_of <- function(choose, inputs) {
  y <- inputs[[1]]
  seen <- wide_mask(y)
  for (x in inputs[-1]) {
    mask <- wide_mask(x)
    if (!is.null(mask)) x <- op_where(mask, x, y)
    if (!is.null(seen)) y <- op_where(seen, y, x)
    seen <- if (!is.null(mask) && !is.null(seen)) op_logical_or(seen, mask)
    y <- choose(y, x)
  }
  y
}

# ---- composing ---------------------------------------------------------------

# `generator` makes the layer, from the named ones of `dots` and `...`; it is
# called on the inputs, those in `dots` without a name included.
compose_merge <- function(generator, inputs, dots, ...) {
  named <- names(dots) %||% character(length(dots))
  layer <- make_instance(generator, dots[named != ""], ...)
  if (!is.null(inputs) && (!is.list(inputs) || is.data.frame(inputs))) {
    inputs <- list(inputs)
  }
  inputs <- c(inputs, unname(dots[named == ""]))
  if (length(inputs)) layer$invoke(inputs) else wrap_layer(layer)
}

merge_dots <- function(...) rlang::dots_list(..., .ignore_empty = "trailing")

#' Merge tensors element by element
#'
#' Make one tensor of several of the same shape, or of shapes that broadcast:
#' their sum, difference (of two), product, mean, largest or smallest elements.
#' Where tensors have different numbers of axes, axes of size 1 are put behind
#' the batch axis of the shorter ones.
#'
#' Where all inputs carry a mask, the output does: a step counts where it counts
#' in any of them. `layer_multiply()`, `layer_maximum()` and `layer_minimum()`
#' leave masked elements out of the result.
#'
#' @param inputs A list of tensors, symbolic tensors or arrays, or the first of
#'   several that follow in `...`. Missing or `NULL`: the layer is returned, to
#'   be called on a list.
#' @param ... More inputs, without names; by name `name`, `dtype` and
#'   `trainable`.
#' @return The merged tensor, or a layer.
#' @section Errors: `elman_error_shape` where the shapes cannot be broadcast or
#'   the batches differ; `elman_error_argument` for another number of inputs
#'   than two in `layer_subtract()`.
#' @family merging layers
#' @examples
#' x <- matrix(1:4, 2)
#' layer_add(x, 10 * x)
#' layer_average(list(x, 10 * x))
#' layer_maximum(x, matrix(2, 2, 2))
#' @name merging_layers
NULL

#' @rdname merging_layers
#' @export
layer_add <- function(inputs, ...) {
  compose_merge(Add, if (!missing(inputs)) inputs, merge_dots(...))
}

#' @rdname merging_layers
#' @export
layer_subtract <- function(inputs, ...) {
  compose_merge(Subtract, if (!missing(inputs)) inputs, merge_dots(...))
}

#' @rdname merging_layers
#' @export
layer_multiply <- function(inputs, ...) {
  compose_merge(Multiply, if (!missing(inputs)) inputs, merge_dots(...))
}

#' @rdname merging_layers
#' @export
layer_average <- function(inputs, ...) {
  compose_merge(Average, if (!missing(inputs)) inputs, merge_dots(...))
}

#' @rdname merging_layers
#' @export
layer_maximum <- function(inputs, ...) {
  compose_merge(Maximum, if (!missing(inputs)) inputs, merge_dots(...))
}

#' @rdname merging_layers
#' @export
layer_minimum <- function(inputs, ...) {
  compose_merge(Minimum, if (!missing(inputs)) inputs, merge_dots(...))
}

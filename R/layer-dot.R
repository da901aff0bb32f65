# Products of two tensors, sample by sample, summed over one axis of each.

Dot <- R6::R6Class(
  "Dot",
  inherit = Merge,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    axes = NULL,
    normalize = FALSE,

    initialize = function(axes, normalize = FALSE, ...) {
      super$initialize(...)
      axes <- unlist(axes)
      if (!is.numeric(axes) || !length(axes) %in% 1:2) {
        must_be(axes, "axes", "one axis or two, counted from 1")
      }
      self$axes <- vapply(axes, check_merge_axis, 1L, arg = "axes")
      if (any(self$axes == 1L)) {
        must_be(axes, "axes", "other axes than the batch axis 1")
      }
      self$normalize <- check_flag(normalize, "normalize")
    },

    # The summed axes of both, counted from 1.
    places = function(shapes) {
      axes <- rep_len(self$axes, 2L)
      at <- c(zero_based_axis(axes[1], length(shapes[[1]]), "axes"),
              zero_based_axis(axes[2], length(shapes[[2]]), "axes")) + 1L
      if (any(at == 1L)) must_be(axes, "axes", "other axes than the batch axis")
      at
    },

    merged_shape = function(shapes) {
      two_inputs(self, shapes)
      batch <- common_batch(self, shapes)
      at <- self$places(shapes)
      sizes <- c(shapes[[1]][at[1]], shapes[[2]][at[2]])
      if (!anyNA(sizes) && sizes[1] != sizes[2]) {
        abort_shape(sprintf(
          "The axes that layer `%s` sums over must agree, not be %d and %d.",
          self$name, sizes[1], sizes[2]), "inputs")
      }
      left <- c(shapes[[1]][-c(1L, at[1])], shapes[[2]][-c(1L, at[2])])
      c(batch, if (length(left)) left else 1L)
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      shapes <- lapply(inputs, shape_of)
      at <- self$places(shapes)
      x <- inputs[[1]]
      y <- inputs[[2]]
      if (self$normalize) {
        x <- unit_length(x, at[1])
        y <- unit_length(y, at[2])
      }
      # x [batch, rest, summed] times y [batch, rest, summed] transposed.
      product <- multiply_matrices(summed_last(x, at[1]),
                                   summed_last(y, at[2]), FALSE, TRUE)
      op_reshape(product, self$merged_shape(shapes))
    },

    compute_mask = function(inputs, mask = NULL) NULL,

    layer_config = function() {
      list(axes = zero_based_config(self$axes), normalize = self$normalize)
    }
  )
)

# [batch, all other axes, axis `at`].
summed_last <- function(x, at) {
  shape <- shape_of(x)
  rest <- setdiff(seq_along(shape), c(1L, at))
  if (!identical(c(1L, rest, at), seq_along(shape))) {
    x <- op_transpose(x, c(1L, rest, at))
  }
  op_reshape(x, c(shape[1], prod(shape[rest]), shape[at]))
}

from_config_dot <- function(config, custom_objects = NULL) {
  config$axes <- one_based_config(config$axes)
  wrap_layer(construct(Dot$new, config))
}

#' Dot products of two tensors
#'
#' Sums the products of two tensors over one axis of each, sample by sample.
#' For x `[batch, a, n]` and y `[batch, n, b]` with `axes = c(3, 2)` these are
#' the matrix products `[batch, a, b]`; for two matrices `[batch, n]` with
#' `axes = 2` numbers `[batch, 1]`.
#'
#' @inheritParams merging_layers
#' @param axes The axis to sum over, of both or one of each, counted from 1;
#'   negative ones from the end. Axis 1, the batch, cannot be summed over.
#' @param normalize Whether to divide by the lengths along that axis first,
#'   which gives cosines.
#' @return A tensor: the remaining axes of the first input, then those of the
#'   second; or a layer. It carries no mask.
#' @section Errors: `elman_error_shape` where the summed axes differ in size,
#'   `elman_error_argument` for another number of inputs than two.
#' @family merging layers
#' @examples
#' x <- matrix(1:6, 2)
#' layer_dot(x, x, axes = 2)
#' layer_dot(x, x, axes = 2, normalize = TRUE)
#' @export
layer_dot <- function(inputs, ..., axes, normalize = FALSE) {
  if (missing(axes)) must_be_given("axes", "one axis or two, counted from 1")
  compose_merge(Dot, if (!missing(inputs)) inputs, merge_dots(...),
                axes = axes, normalize = normalize)
}

# A layer around a function.

Lambda <- R6::R6Class(
  "Lambda",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    f = NULL,
    given_shape = NULL,
    mask = NULL,
    arguments = list(),
    # What a user is asked for where the shape cannot be found.
    shape_argument = "output_shape",
    # The function may call layers, which then share the training flag.
    nests = TRUE,

    initialize = function(f, output_shape = NULL, mask = NULL,
                          arguments = NULL, ..., `function` = NULL) {
      super$initialize(...)
      if (missing(f)) f <- `function`
      if (!is.function(f)) must_be(f, "f", "a function of the input")
      self$f <- f
      self$given_shape <- check_lambda_shape(output_shape)
      if (!is.null(mask)) {
        self$mask <- if (is.function(mask)) mask else as_mask(mask)
        self$supports_masking <- TRUE
      }
      self$arguments <- check_lambda_arguments(arguments, f)
    },

    convert_inputs = function(inputs) convert_own(self, inputs),
    check_input = function(shape) NULL,

    call = function(inputs, mask = NULL, training = NULL) {
      arguments <- self$arguments
      known <- names(formals(args(self$f)))
      if ("mask" %in% known) arguments["mask"] <- list(mask)
      if ("training" %in% known) {
        arguments$training <- training %||% the$training %||% FALSE
      }
      if (!length(arguments)) return(self$f(inputs))
      do.call(self$f, c(list(inputs), arguments), quote = TRUE)
    },

    compute_mask = function(inputs, mask = NULL) {
      if (is.function(self$mask)) self$mask(inputs, mask) else self$mask
    },

    compute_output_shape = function(input_shape) {
      shape <- self$given_shape
      if (is.null(shape)) {
        return(symbol_shapes(infer_outputs(self,
                                           symbols_like(self, input_shape))))
      }
      if (is.function(shape)) {
        return(as_input_shape(shape(user_shape(input_shape))))
      }
      batch <- if (is.list(input_shape)) input_shape[[1]][1] else
        input_shape[1]
      if (is.list(shape)) lapply(shape, function(s) c(batch, s)) else
        c(batch, shape)
    },

    trace_outputs = function(shape, inputs, ...) {
      if (is.null(self$given_shape)) return(infer_outputs(self, inputs, ...))
      shape_symbols(self$compute_output_shape(shape), self$dtype)
    },

    layer_config = function() {
      config <- list(`function` = self$f)
      if (!is.null(self$given_shape)) config$output_shape <- self$given_shape
      if (!is.null(self$mask)) config$mask <- self$mask
      config$arguments <- self$arguments
      config
    }
  )
)

# A shape without the batch, a list of them, or a function of the input shape.
check_lambda_shape <- function(shape) {
  if (is.null(shape) || is.function(shape)) return(shape)
  if (is.list(shape) && any(lengths(shape) > 1L)) {
    return(lapply(shape, as_shape, arg = "output_shape"))
  }
  as_shape(shape, "output_shape")
}

check_lambda_arguments <- function(arguments, f) {
  if (is.null(arguments)) return(list())
  arguments <- as.list(arguments)
  if (length(arguments) && !all(nzchar(names(arguments) %||% ""))) {
    must_be(arguments, "arguments", "a named list")
  }
  known <- names(formals(args(f)))
  unknown <- setdiff(names(arguments), known)
  if (length(unknown) && !"..." %in% known) {
    near <- nearest_name(unknown[1], known)
    hint <- if (is.null(near)) "" else sprintf(" Did you mean `%s`?", near)
    abort_argument(sprintf(
      "`arguments` must name arguments of `f`: it has no `%s`.%s", unknown[1],
      hint), "arguments")
  }
  arguments
}

#' A function as a layer
#'
#' Puts a function of tensors into a model. Its gradient follows from the
#' operations it is made of. It has no weights: what is to be trained belongs
#' into a layer of its own, see [Layer()].
#'
#' @param object What the layer is composed with. Missing or `NULL`: the layer
#'   is returned. A sequential model: the layer is added to it, in place. A
#'   tensor, symbolic tensor, R array or a list of them: the layer is called on
#'   it.
#' @param f A function of the input that gives the output, built from `op_*`,
#'   arithmetic and the like. Where it has an argument `training` or `mask`, it
#'   is told whether the model is being trained, and the mask of the input.
#' @param output_shape Shape of one sample's output, without the batch; a list
#'   of shapes for several outputs; or a function of the input shape that gives
#'   the whole shape. `NULL` finds it by calling `f` on symbolic tensors or,
#'   where that fails, on zeros.
#' @param mask The mask of the output: a function of `(inputs, mask)`, or a
#'   logical array. With `NULL` the mask of the input ends here.
#' @param arguments A named list of more arguments for `f`.
#' @param ... `name`, `dtype`, `trainable`, `autocast`; for the first layer of a
#'   sequential model `input_shape`, `batch_size`, `batch_input_shape`.
#' @return A layer, the model (invisibly), or what the layer gives.
#' @section Errors: `elman_error_argument` where `f` is no function or
#'   `arguments` has a name that `f` does not know; `elman_error_shape` where
#'   the shape of the output cannot be found.
#' @family layers
#' @examples
#' model <- keras_model_sequential(input_shape = c(5, 2)) |>
#'   layer_lambda(\(x) x^2) |>
#'   layer_lambda(op_sum, arguments = list(axis = 2)) |>
#'   layer_dense(units = 1)
#' model
#' @export
layer_lambda <- function(object, f, output_shape = NULL, mask = NULL,
                         arguments = NULL, ...) {
  if (missing(f)) must_be_given("f", "a function of the input")
  compose_layer(object, function() {
    Lambda$new(f = f, output_shape = output_shape, mask = mask,
               arguments = arguments, ...)
  })
}

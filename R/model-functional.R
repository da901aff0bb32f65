# Functional models: any graph of layers between inputs and outputs.

FunctionalModel <- R6::R6Class(
  "Functional",
  inherit = ModelBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    operations = NULL,
    nodes = NULL,
    graph = NULL,
    depths = NULL,
    given_input_names = NULL,
    given_output_names = NULL,
    # How `outputs` was given: one tensor or a list, with or without names.
    output_form = NULL,
    # Was `inputs` one tensor, not a list?
    input_alone = FALSE,

    # Without inputs and outputs there is no graph: a model written by hand.
    initialize = function(inputs = NULL, outputs = NULL, ...) {
      super$initialize(...)
      if (is.null(inputs) && is.null(outputs)) return(invisible())
      inputs <- unlist_one(inputs)
      outputs <- unlist_one(outputs)
      self$inputs <- check_symbolic(inputs, "inputs")
      self$outputs <- check_symbolic(outputs, "outputs")
      self$input_alone <- is_symbolic(inputs)
      self$given_input_names <- if (is.list(inputs)) names(inputs)
      self$given_output_names <- if (is.list(outputs)) names(outputs)
      self$output_form <- if (is_symbolic(outputs)) NULL else outputs
      check_different_inputs(self$inputs)
      graph <- map_graph(self$inputs, self$outputs)
      self$operations <- graph$operations
      self$nodes <- graph$nodes
      self$depths <- graph$depths
      self$graph <- compile_graph(self$inputs, self$outputs, graph$nodes)
      self$built <- TRUE
    },

    sublayers = function() Filter(is_instance, self$operations),
    listed_layers = function() Filter(is_instance, self$operations),

    build = function(...) invisible(self),
    get_config = function() functional_config(self),

    call = function(inputs, ..., mask = NULL) {
      if (is_tensor(inputs) || is_symbolic(inputs)) inputs <- list(inputs)
      if (!is.null(mask)) {
        masks <- if (is.list(mask)) mask else list(mask)
        inputs <- Map(set_mask, inputs, masks)
      }
      outputs <- run_graph(self$graph, inputs)
      if (is.null(self$output_form)) return(outputs[[1]])
      stats::setNames(outputs, names(self$output_form))
    },

    # What the layers say of these sizes, which may differ from the declared.
    compute_output_shape = function(input_shape) {
      shapes <- if (is.list(input_shape)) input_shape else list(input_shape)
      symbolic <- Map(function(shape, input) {
        new_symbolic(as_shape(shape), dtype_of(input))
      }, shapes, self$inputs)
      one_or_all(lapply(run_graph(self$graph, symbolic), shape_of))
    }
  )
)

is_instance <- function(operation) !inherits(operation, "elman_op")

check_symbolic <- function(x, arg) {
  if (is_symbolic(x)) return(list(x))
  if (!is.list(x) || !length(x) || !all(vapply(x, is_symbolic, NA))) {
    must_be(x, arg, "a symbolic tensor or a list of them (see keras_input())")
  }
  unname(x)
}

#' Functional models
#'
#' A model from symbolic inputs to symbolic outputs: several of either, layers
#' called more than once (their weights are shared), models inside models, and
#' `op_*` in between.
#'
#' @param inputs A symbolic tensor from [keras_input()], or a list of them. With
#'   names, data can be given by name.
#' @param outputs A symbolic tensor made from `inputs`, or a list of them.
#' @param ... `name`, and `trainable`.
#' @return A model.
#' @section Errors: `elman_error_argument` where `outputs` depends on anything
#'   but `inputs`, or two layers share a name.
#' @family models
#' @examples
#' series <- keras_input(c(10, 1), name = "series")
#' season <- keras_input(4, name = "season")
#' memory <- series |> layer_simple_rnn(units = 3)
#' level <- season |> layer_dense(units = 3)
#' output <- op_add(memory, level) |> layer_dense(units = 1)
#' model <- keras_model(list(series, season), output)
#' predict(model, list(array(0, c(2, 10, 1)), matrix(0, 2, 4)), verbose = 0)
#' @export
keras_model <- function(inputs = NULL, outputs = NULL, ...) {
  dots <- check_dots(..., .allowed = c("name", "trainable"))
  model <- FunctionalModel$new(
    check_ends(inputs, "inputs"), check_ends(outputs, "outputs"),
    name = check_string(dots$name, "name", null_ok = TRUE),
    trainable = check_flag(dots$trainable %||% TRUE, "trainable")
  )
  wrap_layer(model)
}

check_ends <- function(x, arg) {
  if (is.null(x)) must_be(x, arg, "a symbolic tensor or a list of them")
  x
}

# A list of one without a name stands for what it holds.
unlist_one <- function(x) {
  if (is.list(x) && length(x) == 1L && is.null(names(x))) x[[1]] else x
}

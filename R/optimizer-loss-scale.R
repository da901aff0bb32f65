# A loss scale that follows the gradients, around another optimizer.

LossScaleOptimizer <- R6::R6Class(
  "LossScaleOptimizer",
  inherit = OptimizerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    inner_optimizer = NULL,
    initial_scale = NULL,
    dynamic_growth_steps = NULL,
    # Those of the inner optimizer count.
    use_ema = FALSE,
    ema_momentum = 0.99,

    initialize = function(inner_optimizer, initial_scale, dynamic_growth_steps,
                          name) {
      self$inner_optimizer <- resolve_optimizer(inner_optimizer)
      self$initial_scale <- check_positive(initial_scale, "initial_scale")
      self$dynamic_growth_steps <- check_count(dynamic_growth_steps,
                                               "dynamic_growth_steps")
      self$name <- check_string(name %||% "loss_scale_optimizer", "name")
      # Keras stores these two without using them.
      self$count <- new_variable(as_tensor(0L), "iteration", trainable = FALSE)
      private$rate <- new_variable(as_tensor(0), "learning_rate",
                                   trainable = FALSE)
      self$scaling <- list(
        new_variable(as_tensor(0L), "step_counter", trainable = FALSE),
        new_variable(as_tensor(self$initial_scale, "float32"), "dynamic_scale",
                     trainable = FALSE)
      )
      inner <- self$inner_optimizer
      inner$loss_scale_factor <- NULL
      inner$scaling <- self$scaling
      inner$dynamic_growth_steps <- self$dynamic_growth_steps
      if (inner$built) inner$arrange()
    },

    build = function(variables) {
      self$inner_optimizer$build(variables)
      self$trained <- variables
      self$built <- TRUE
      invisible(self)
    },

    apply = function(gradients, variables = NULL) {
      self$inner_optimizer$apply(gradients, variables)
      self$trained <- self$inner_optimizer$trained
      self$built <- self$inner_optimizer$built
      invisible(self)
    },

    step_attributes = function() self$inner_optimizer$step_attributes(),
    current_learning_rate = function() {
      self$inner_optimizer$current_learning_rate()
    },

    has_constant_rate = function() self$inner_optimizer$has_constant_rate(),

    settings_source = function() self$inner_optimizer$settings_source(),

    scale_loss = function(loss) {
      op_multiply(loss, op_cast(self$scaling[[2]], dtype_of(loss)))
    },

    exclude_from_weight_decay = function(var_list = NULL, var_names = NULL) {
      self$inner_optimizer$exclude_from_weight_decay(var_list, var_names)
      invisible(self)
    },
    finalize_variable_values = function(var_list = NULL) {
      self$inner_optimizer$finalize_variable_values(var_list)
      invisible(self)
    },
    swap_averages = function() {
      self$inner_optimizer$swap_averages()
      invisible(self)
    },

    get_config = function() {
      structure(
        list(name = self$name,
             inner_optimizer = serialize_object(self$inner_optimizer),
             initial_scale = self$initial_scale,
             dynamic_growth_steps = self$dynamic_growth_steps),
        `__class__` = "keras.optimizers.LossScaleOptimizer"
      )
    }
  ),
  active = list(
    # Keras stores those of the inner optimizer that it made by name.
    variables = function() {
      stored <- Filter(function(v) is.null(.subset2(v, "loose")),
                       self$inner_optimizer$variables)
      c(list(self$count, private$rate), if (self$built) self$scaling, stored)
    },
    dynamic_scale = function() as.numeric(self$scaling[[2]]),
    iterations = function(value) {
      if (missing(value)) self$inner_optimizer$iterations
      else self$inner_optimizer$iterations <- value
    },
    learning_rate = function(value) {
      if (missing(value)) self$inner_optimizer$learning_rate
      else self$inner_optimizer$learning_rate <- value
    }
  )
)

#' A loss scale that follows the gradients
#'
#' Multiplies the loss by a scale and divides the gradients by it again, so that
#' small ones are not lost to rounding. An update whose gradients are not all
#' finite is left out and halves the scale; after `dynamic_growth_steps` finite
#' ones it is doubled.
#'
#' @param inner_optimizer The optimizer that makes the updates, or its name. Its
#'   own `loss_scale_factor` is dropped.
#' @param initial_scale The scale to begin with, above 0.
#' @param dynamic_growth_steps Number of finite updates before the scale grows.
#' @param ... None; a trailing comma is forgiven.
#' @param name Name.
#' @param weight_decay,clipnorm,clipvalue,global_clipnorm,use_ema Must be `NULL`
#'   (or `FALSE`): give them to `inner_optimizer`.
#' @param ema_momentum,ema_overwrite_frequency,loss_scale_factor Likewise.
#' @param gradient_accumulation_steps Likewise.
#' @return An optimizer, see [optimizers], with `$inner_optimizer` and
#'   `$dynamic_scale`.
#' @section Errors: `elman_error_argument` for an argument that belongs to
#'   `inner_optimizer`.
#' @section Compatibility: Constraints are applied after an update that was left
#'   out, too.
#' @source Micikevicius et al. (2018) <https://arxiv.org/abs/1710.03740>.
#' @family optimizers
#' @examples
#' optimizer_loss_scale(optimizer_adam(0.01))
#' @export
optimizer_loss_scale <- function(inner_optimizer, initial_scale = 32768,
                                 dynamic_growth_steps = 2000L, ...,
                                 name = NULL, weight_decay = NULL,
                                 clipnorm = NULL, clipvalue = NULL,
                                 global_clipnorm = NULL, use_ema = NULL,
                                 ema_momentum = NULL,
                                 ema_overwrite_frequency = NULL,
                                 loss_scale_factor = NULL,
                                 gradient_accumulation_steps = NULL) {
  check_dots(...)
  if (missing(inner_optimizer)) {
    must_be_given("inner_optimizer", "an optimizer or its name")
  }
  for (option in option_names) {
    value <- get(option, inherits = FALSE)
    if (!is.null(value) && !isFALSE(value)) {
      abort_argument(sprintf("`%s` must be given to `inner_optimizer`.",
                             option), option)
    }
  }
  LossScaleOptimizer$new(inner_optimizer, initial_scale, dynamic_growth_steps,
                         name)
}

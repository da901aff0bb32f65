# Cells written in R, as a user would: a layer with call() and state_size.

# Two states of different size: a running sum of the input's features, and how
# many steps there were; gives their product.
MeterCell <- R6::R6Class(
  "MeterCell",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    state_size = list(2L, 1L),
    start = NULL,
    scale = NULL,

    initialize = function(start = NULL, ...) {
      super$initialize(...)
      self$start <- start
    },
    create_weights = function(input_shape) {
      self$scale <- self$add_weight(2L, "ones", name = "scale")
    },
    get_initial_state = function(batch_size) {
      list(op_full(c(batch_size, 2L), self$start %||% 0, self$dtype),
           op_zeros(c(batch_size, 1L), self$dtype))
    },
    call = function(inputs, states, training = FALSE) {
      total <- op_add(states[[1]], op_multiply(inputs, self$scale))
      count <- op_add(states[[2]], 1)
      list(op_multiply(total, count), list(total, count))
    }
  )
)

meter_cell <- function(...) wrap_layer(MeterCell$new(...))

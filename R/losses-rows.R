# Losses that one kernel computes row by row, a row being what stands along the
# last axis: all at once the mean over a batch, or one value per row, and their
# gradients. Its formulas are in src/core/losses.h and src/core/crossentropy.h.

# The two ops of a kernel. They have first derivatives only.
row_ops <- function(kernel) {
  gradient_kernel <- paste0(kernel, "_gradient")
  op <- function(shape) {
    new_op(
      kernel,
      infer = function(inputs, attributes) {
        p <- inputs[[2]]
        list(shape = shape(p), dtype = dtype_of(p))
      },
      gradient = function(dy, inputs, output, attributes, wanted) {
        p <- inputs[[2]]
        list(NULL, cpp_kernel_call(gradient_kernel, list(dy, inputs[[1]], p),
                                   shape_of(p), dtype_of(p), attributes))
      }
    )
  }
  list(kernel = kernel, mean = op(function(p) integer()),
       rows = op(function(p) shape_of(p)[-rank_of(p)]))
}

row_losses <- new.env(parent = emptyenv())

# A row loss with its settings: what `fused` of losses and metrics holds.
row_loss <- function(kernel, attributes = NULL) {
  if (is.null(row_losses[[kernel]])) {
    assign(kernel, row_ops(kernel), envir = row_losses)
  }
  ops <- row_losses[[kernel]]
  # Keras clips probabilities; the bound may be changed until the call.
  clips <- grepl("crossentropy$", kernel)
  c(ops, list(settings = attributes, clips = clips))
}

row_attributes <- function(fused) {
  if (!fused$clips) return(fused$settings)
  c(fused$settings, list(epsilon = the$epsilon))
}

# The targets as the kernel takes them, or NULL where it cannot be used.
row_targets <- function(self, y_true, y_pred) {
  if (is.null(self$fused) || the$taping > 1L || !is_tensor(y_pred)) return(NULL)
  if (self$class_numbers) return(row_numbers(y_true, y_pred))
  y_true <- match_target(y_true, y_pred)
  if (identical(tensor_shape(y_true), tensor_shape(y_pred))) y_true
}

row_numbers <- function(y_true, y_pred) {
  if (!is_tensor(y_true)) y_true <- as_data(y_true, "y_true")
  shape <- tensor_shape(y_pred)
  rows <- shape[-length(shape)]
  have <- tensor_shape(y_true)
  if (identical(have, rows) || identical(have, c(rows, 1L))) y_true
}

run_row_loss <- function(loss, y_true, y_pred, mean) {
  fused <- loss$fused
  if (is.null(fused) || !is.null(fused$settings$ignore) && mean) return(NULL)
  y_true <- row_targets(loss, y_true, y_pred)
  if (is.null(y_true)) return(NULL)
  op <- if (mean) fused$mean else fused$rows
  values <- run_op(op, list(y_true, y_pred), row_attributes(fused))
  if (is.null(fused$settings$ignore)) return(values)
  ids <- op_reshape(op_cast(y_true, "int32"), shape_of(values))
  set_mask(values, op_not_equal(ids, fused$settings$ignore))
}

# c(sum over samples of a sample's mean, number of samples), or NULL.
row_sums <- function(metric, y_true, y_pred) {
  fused <- metric$fused
  y_true <- row_targets(metric, y_true, y_pred)
  if (is.null(y_true)) return(NULL)
  out <- cpp_kernel_call(fused$kernel, list(y_true, y_pred), list(NULL, 2L),
                         c("float64", "float64"), row_attributes(fused))
  if (is.character(out)) abort_argument(out, "y_true")
  out[[2]]
}

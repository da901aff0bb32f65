# Layers that learn their state from data before training.

#' Adapt a layer to data
#'
#' Some layers have a state that is not trained but counted from data, such as
#' the vocabulary of [layer_text_vectorization()] or the mean of
#' [layer_normalization()]. `adapt()` forgets the old
#' state and learns a new one.
#'
#' @param object The layer.
#' @param data What its inputs look like, or a dataset of them, or a function
#'   that gives a batch of them at each call and `NULL` at its end. Of a batch
#'   that is a list the first element counts.
#' @param ... Passed on to the layer.
#' @param batch_size Accepted for compatibility; the result does not depend on
#'   it.
#' @param steps How many batches of a function to use; `NULL` for all.
#' @return The layer, invisibly.
#' @section Errors: `elman_error_argument` for a layer that has nothing to
#'   adapt.
#' @examples
#' layer <- layer_text_vectorization()
#' adapt(layer, c("the cat", "the dog"))
#' get_vocabulary(layer)
#' @export
adapt <- function(object, data, ..., batch_size = NULL, steps = NULL) {
  self <- unwrap_layer(object, "object")
  if (!is.function(self$adapt)) {
    must_be(object, "object", "a layer with a state to adapt")
  }
  if (missing(data)) must_be_given("data", "what the layer's inputs look like")
  batch_size <- check_whole(batch_size, "batch_size", 1, null_ok = TRUE)
  steps <- check_whole(steps, "steps", 1, null_ok = TRUE)
  self$adapt(data, ..., batch_size = batch_size, steps = steps)
  invisible(object)
}

# Calls `update` on each batch of data: data as it is, or what a function or
# dataset gives.
each_batch <- function(data, update, steps = NULL) {
  if (is_dataset(data) || inherits(data, "elman_iterator")) {
    data <- as_iterator(data)$pull
  }
  if (!is.function(data) || is_layer(data)) {
    if (!is.null(steps)) {
      abort_argument(paste("`steps` must be NULL unless `data` is a function",
                           "or a dataset."), "steps")
    }
    return(update(data))
  }
  count <- 0L
  while (is.null(steps) || count < steps) {
    batch <- data()
    if (is.null(batch)) break
    count <- count + 1L
    update(batch)
  }
}

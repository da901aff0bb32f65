# Going through datasets and generators by hand.

#' Iterate over a dataset
#'
#' `as_iterator()` begins a pass over a dataset, `iter_next()` gives the next
#' batch, `iterate()` calls a function on each.
#'
#' @param x A dataset, such as [timeseries_dataset_from_array()] gives, a
#'   function that gives one batch per call and `NULL` at its end, or an
#'   iterator, which is given back.
#' @param it An iterator; for `iterate()` also what `as_iterator()` takes.
#' @param completed What to give at the end.
#' @param f A function of one batch.
#' @param simplify Whether numbers are put together into a vector.
#' @return `as_iterator()` an iterator, `iter_next()` a tensor, or the list of
#'   tensors that a batch is, such as `list(x, y)`, `iterate()` the list of what
#'   `f` gives, or a vector.
#' @details A pass that shuffles draws its order when it begins, so two
#'   iterators of one dataset do not disturb each other. The dataset can be gone
#'   through any number of times.
#' @section Errors: `elman_error_argument` for anything else.
#' @section Compatibility: keras3 takes these functions from reticulate.
#' @examples
#' ds <- timeseries_dataset_from_array(1:10, NULL, sequence_length = 4,
#'                                     batch_size = 3)
#' it <- as_iterator(ds)
#' iter_next(it)
#' iterate(ds, function(batch) dim(batch)[1])
#' @export
as_iterator <- function(x) {
  if (inherits(x, "elman_iterator")) return(x)
  if (is_dataset(x)) return(new_iterator(x$pass()))
  if (is.function(x) && !is_layer(x)) return(new_iterator(x))
  must_be(x, "x", "a dataset, an iterator or a function")
}

new_iterator <- function(pull) {
  self <- new.env(parent = emptyenv())
  self$done <- FALSE
  self$pull <- function() {
    if (self$done) return(NULL)
    value <- pull()
    if (is.null(value)) self$done <- TRUE
    value
  }
  class(self) <- "elman_iterator"
  self
}

#' @rdname as_iterator
#' @export
iter_next <- function(it, completed = NULL) {
  if (!inherits(it, "elman_iterator")) {
    must_be(it, "it", "an iterator, from as_iterator()")
  }
  it$pull() %||% completed
}

#' @rdname as_iterator
#' @export
iterate <- function(it, f = base::identity, simplify = TRUE) {
  if (!is.function(f)) must_be(f, "f", "a function")
  simplify <- check_flag(simplify, "simplify")
  it <- as_iterator(it)
  values <- list()
  while (!is.null(batch <- it$pull())) {
    values[length(values) + 1L] <- list(f(batch))
  }
  plain <- vapply(values, function(v) {
    is.atomic(v) && length(v) == 1L && !is_tensor(v)
  }, NA)
  if (simplify && length(values) && all(plain)) unlist(values) else values
}

#' @export
print.elman_iterator <- function(x, ...) {
  cat("<iterator>\n")
  invisible(x)
}

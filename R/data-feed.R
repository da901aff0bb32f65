# Batches for the loops of training, measuring and predicting. A source begins a
# pass and is pulled batch by batch, NULL at its end; a feed cuts its passes
# into epochs. A batch is list(x, y, weight, size), whose tensors may be
# rows_of() larger ones.

# ---- feeds -------------------------------------------------------------------

# start() begins an epoch, next_batch() gives a batch or NULL at the epoch's
# end. `steps` is NA where unknown. With `steps` given a feed that `continues`
# goes on in the next epoch where it stopped; a pass that ends within an epoch
# ends the epoch, and the next one begins anew.
new_feed <- function(source, steps = NULL, continues = FALSE, arg = "x") {
  begun <- FALSE
  fresh <- FALSE
  taken <- 0L
  begin <- function() {
    source$begin()
    begun <<- fresh <<- TRUE
  }
  pull <- function() {
    batch <- source$pull()
    if (is.null(batch) && !taken && !fresh) {
      begin()
      batch <- source$pull()
    }
    fresh <<- FALSE
    batch
  }
  list(
    # Does no epoch depend on the data of those before?
    begins_anew = isTRUE(source$begins_anew) &&
      !(continues && !is.null(steps)),
    steps = if (is.null(steps)) source$steps else steps,
    sizes = source$sizes,
    start = function() {
      taken <<- 0L
      if (!begun || !continues || is.null(steps)) begin()
    },
    next_batch = function() {
      if (!is.null(steps) && taken >= steps) return(NULL)
      batch <- pull()
      if (is.null(batch)) {
        begun <<- FALSE
        if (taken && !is.null(steps)) warn_short(arg, taken, steps)
        return(NULL)
      }
      taken <<- taken + 1L
      batch
    },
    # The batches ahead, if the source gives them in one; skip() says how many
    # of them were used.
    stretch = function() {
      left <- if (is.null(steps)) Inf else steps - taken
      if (!begun || left < 1 || is.null(source$stretch)) return(NULL)
      source$stretch(left)
    },
    skip = function(count) {
      source$skip(count)
      taken <<- taken + count
      fresh <<- FALSE
    }
  )
}

warn_short <- function(arg, taken, steps) {
  warn_elman(sprintf("`%s` ended after %d of %d steps: the epoch ends early.",
                     arg, taken, steps), "elman_warning_data")
}

# ---- arrays ------------------------------------------------------------------

# Tensors, cut along their first axis; `rows` (first and last, from 0) are the
# samples to use. `shuffle` is FALSE, TRUE or "batch", which leaves the batches
# and mixes the samples within each.
new_array_feed <- function(x, y = NULL, weight = NULL, batch_size = NULL,
                           shuffle = FALSE, steps = NULL, rows = NULL,
                           continues = FALSE, arg = "x") {
  if (is.null(rows)) rows <- c(0L, tensor_shape(x[[1]])[1])
  batch_size <- default_batch_size(batch_size, rows[2] - rows[1], steps)
  source <- array_source(x, y, weight, batch_size, shuffle, rows)
  new_feed(source, steps, continues, arg)
}

# As Keras: with the number of steps given, all samples in so many batches.
default_batch_size <- function(batch_size, n, steps) {
  if (!is.null(batch_size)) return(batch_size)
  if (is.null(steps)) 32L else max(1L, as.integer(ceiling(n / steps)))
}

array_source <- function(x, y, weight, batch_size, shuffle, rows) {
  n <- rows[2] - rows[1]
  # A single batch of all data is used where it lies, as far as order permits.
  alone <- n == tensor_shape(x[[1]])[1] && batch_size >= n
  all <- list(x = x, y = y, weight = weight, size = n)
  tensors <- batch_data(all)
  whole_form <- lapply(tensors, function(t) {
    list(c(batch_size, tensor_shape(t)[-1]), tensor_dtype(t))
  })
  at <- 0L
  order <- NULL
  # Of so many rows of this pass after the first `done`, from 0.
  row_numbers <- function(done, count) {
    ahead <- done + seq_len(count)
    rows[1] + if (is.null(order)) ahead - 1L else order[ahead]
  }
  list(
    begins_anew = TRUE,
    steps = count_batches(n, batch_size),
    sizes = batch_sizes(n, batch_size),
    begin = function() {
      at <<- 0L
      order <<- if (!isFALSE(shuffle)) draw_order(n, batch_size, shuffle)
    },
    pull = function() {
      if (at >= n) return(NULL)
      first <- at
      last <- min(first + batch_size, n)
      at <<- last
      if (alone && is.null(order)) return(all)
      numbers <- row_numbers(first, last - first)
      cut <- function(t) rows_of(t, numbers)
      list(x = cut_all(x, cut), y = cut_all(y, cut),
           weight = cut_all(weight, cut), size = last - first)
    },
    # Up to so many whole batches that come next. numbers(k) gives the rows of
    # the first k, one after the other, of the tensors of batch_data().
    stretch = function(most) {
      count <- min(most, (n - at) %/% batch_size)
      if (count < 1 || alone && is.null(order)) return(NULL)
      list(tensors = tensors, form = whole_form, size = batch_size,
           count = count,
           numbers = function(k) row_numbers(at, k * batch_size))
    },
    skip = function(count) at <<- at + as.integer(count) * batch_size
  )
}

count_batches <- function(n, batch_size) as.integer(ceiling(n / batch_size))

batch_sizes <- function(n, batch_size) {
  rest <- n %% batch_size
  unique(c(min(n, batch_size), if (n > batch_size && rest) rest))
}

# Numbers of the samples from 0, in the order of one pass.
draw_order <- function(n, batch_size, shuffle) {
  if (!identical(shuffle, "batch")) return(sample.int(n) - 1L)
  firsts <- seq(0L, n - 1L, by = batch_size)
  unlist(lapply(firsts, function(first) {
    first + sample.int(min(batch_size, n - first)) - 1L
  }))
}

cut_all <- function(tensors, cut) {
  if (is.null(tensors)) return(NULL)
  lapply(tensors, function(t) if (!is.null(t)) cut(t))
}

# Rows of a tensor by their numbers from 0, not copied yet: a recorded step
# copies them to where it needs them. Others see whole_batch().
rows_of <- function(x, at) {
  rows <- list(x, at)
  # In one go: structure() would cost as much as all else here.
  attributes(rows) <- list(shape = c(length(at), tensor_shape(x)[-1]),
                           dtype = tensor_dtype(x), class = "elman_rows")
  rows
}

# The batch with its rows copied.
whole_batch <- function(batch) {
  for (part in c("x", "y", "weight")) {
    rows <- vapply(batch[[part]], inherits, NA, "elman_rows")
    if (!any(rows)) next
    batch[[part]][rows] <- lapply(batch[[part]][rows], function(t) {
      rows_at(t[[1]], batch_index(t[[2]]), length(t[[2]]))
    })
  }
  batch
}

batch_index <- function(at) {
  dim(at) <- length(at)
  cpp_tensor_from_r(at, "int32")
}

rows_at <- function(x, index, n) {
  cpp_kernel_call("take", list(x, index), c(n, tensor_shape(x)[-1]),
                  tensor_dtype(x), list(axis = 0L))
}

# ---- functions and datasets --------------------------------------------------

# An R function that gives one batch per call and NULL at its end (or what
# coro::generator() ends with). `convert` makes such a value into a batch. The
# first batch is drawn at once, so that what is wrong with it comes before
# anything is trained.
function_source <- function(generator, convert, arg = "x") {
  count <- 0L
  draw <- function() {
    data <- tryCatch(generator(), error = function(e) {
      abort_argument(sprintf("`%s` failed when asked for batch %d: %s", arg,
                             count + 1L, conditionMessage(e)), arg)
    })
    if (is.null(data) || identical(data, quote(.__exhausted__.))) return(NULL)
    count <<- count + 1L
    in_batch(convert(data), count, arg)
  }
  held <- draw()
  if (is.null(held)) {
    abort_argument(sprintf("`%s` must give one batch at least, not NULL.", arg),
                   arg)
  }
  list(
    steps = NA_integer_,
    sizes = integer(),
    begin = function() NULL,
    pull = function() {
      if (is.null(held)) return(draw())
      batch <- held
      held <<- NULL
      batch
    }
  )
}

# What is wrong with a batch is said with its number.
in_batch <- function(code, number, arg) {
  tryCatch(code, elman_error = function(e) {
    abort_elman(sprintf("Batch %d of `%s`: %s", number, arg,
                        conditionMessage(e)), class(e)[1], arg)
  })
}

# A dataset without batches of its own is cut into those of `batch_size`.
dataset_source <- function(dataset, batch_size, convert) {
  if (is.null(dataset$batch_size)) dataset <- dataset$batch(batch_size)
  pull <- NULL
  list(
    steps = length(dataset),
    sizes = batch_sizes(dataset$size, dataset$batch_size),
    begin = function() pull <<- dataset$pass(),
    pull = function() {
      data <- pull()
      if (!is.null(data)) convert(data)
    }
  )
}

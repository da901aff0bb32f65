# Convolution as a matrix product: the windows of the input as rows, times the
# kernel as a matrix. One to three axes of places.

# x [batch, places, channels] to [batch, places of windows, window * channels].
patches_op <- new_op(
  "patches",
  infer = function(inputs, attributes) {
    x <- shape_of(inputs[[1]])
    list(shape = c(x[1], attributes$places,
                   as.integer(prod(attributes$window)) * x[length(x)]),
         dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    whole <- list(whole = shape_of(inputs[[1]]))
    list(run_op(unpatches_op, list(dy), c(attributes, whole)))
  }
)

unpatches_op <- new_op(
  "unpatches",
  infer = function(inputs, attributes) {
    list(shape = attributes$whole, dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    attributes$whole <- NULL
    list(run_op(patches_op, list(dy), attributes))
  }
)

# What the kernels of windows are told. Sizes, and so on, are one for each axis.
window_attributes <- function(size, places, window, strides, dilation, before) {
  three <- function(values, filler) c(rep(filler, 3L - length(values)), values)
  list(size = three(size, 1L), out = three(places, 1L),
       window = three(window, 1L), stride = three(strides, 1L),
       dilation = three(dilation, 1L), before = three(before, 0L),
       places = places)
}

# How many places a window has on each axis; NA where the size is unknown.
conv_places <- function(size, window, strides, padding, dilation) {
  if (padding != "valid") return(as.integer(ceiling(size / strides)))
  as.integer((size - (window - 1L) * dilation - 1L) %/% strides + 1L)
}

# How many places of padding come before the input.
padding_before <- function(size, window, strides, padding, dilation) {
  reach <- (window - 1L) * dilation + 1L
  if (padding == "valid") return(0L * size)
  if (padding == "causal") return(reach - 1L)
  places <- conv_places(size, window, strides, padding, dilation)
  pmax((places - 1L) * strides + reach - size, 0L) %/% 2L
}

# x [batch, places, channels] to [batch, places of windows, window * channels].
windows_of <- function(x, window, strides, padding, dilation) {
  size <- shape_of(x)
  size <- size[-c(1L, length(size))]
  places <- conv_places(size, window, strides, padding, dilation)
  before <- padding_before(size, window, strides, padding, dilation)
  run_op(patches_op, list(x), window_attributes(size, places, window, strides,
                                                dilation, before))
}

# x [batch, places, channels], kernel [window, channels / groups, filters] to
# [batch, places, filters]. Each group of channels has its own filters.
convolve <- function(x, kernel, strides, padding, dilation, groups = 1L) {
  shape <- shape_of(kernel)
  n <- length(shape)
  rows <- windows_of(x, shape[seq_len(n - 2L)], strides, padding, dilation)
  if (groups == 1L) {
    return(op_matmul(rows, op_reshape(kernel, c(-1L, shape[n]))))
  }
  window <- as.integer(prod(shape[seq_len(n - 2L)]))
  of_group <- c(shape[n - 1L], shape[n] %/% groups)
  places <- shape_of(rows)
  places <- places[-length(places)]
  # A batch of matrix products, one for each group.
  rows <- op_reshape(rows, c(prod(places), window, groups, of_group[1]))
  rows <- op_reshape(op_transpose(rows, c(3L, 1L, 2L, 4L)),
                     c(groups, prod(places), window * of_group[1]))
  kernel <- op_reshape(kernel, c(window * of_group[1], groups, of_group[2]))
  y <- op_matmul(rows, op_transpose(kernel, c(2L, 1L, 3L)))
  op_reshape(op_transpose(y, c(2L, 1L, 3L)), c(places, shape[n]))
}

# Every channel by itself: kernel [window, channels, multiplier] to
# [batch, places, channels * multiplier].
convolve_depthwise <- function(x, kernel, strides, padding, dilation) {
  shape <- shape_of(kernel)
  n <- length(shape)
  filters <- shape[n - 1L] * shape[n]
  kernel <- op_reshape(kernel, c(shape[seq_len(n - 2L)], 1L, filters))
  convolve(x, kernel, strides, padding, dilation, groups = shape[n - 1L])
}

# The gradient of a convolution as a function of its own: x [batch, places,
# channels], kernel [window, filters, channels] to [batch, size, filters], where
# a convolution of `size` places would have as many as x has.
convolve_transposed <- function(x, kernel, size, strides, padding, dilation) {
  shape <- shape_of(kernel)
  n <- length(shape)
  window <- shape[seq_len(n - 2L)]
  places <- shape_of(x)
  rows <- multiply_matrices(x, op_reshape(kernel, c(-1L, shape[n])), FALSE,
                            TRUE)
  before <- padding_before(size, window, strides, padding, dilation)
  attributes <- window_attributes(size, places[-c(1L, length(places))], window,
                                  strides, dilation, before)
  attributes$whole <- c(places[1], size, shape[n - 1L])
  run_op(unpatches_op, list(rows), attributes)
}

# ---- pooling -----------------------------------------------------------------

# x [batch, places, channels] to [batch, places of windows, channels].
max_pool_op <- new_op(
  "max_pool",
  infer = function(inputs, attributes) {
    x <- shape_of(inputs[[1]])
    list(shape = c(x[1], attributes$places, x[length(x)]),
         dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(run_op(max_pool_gradient_op, list(dy, inputs[[1]]), attributes))
  }
)

max_pool_gradient_op <- new_op(
  "max_pool_gradient",
  infer = function(inputs, attributes) {
    list(shape = shape_of(inputs[[2]]), dtype = dtype_of(inputs[[1]]))
  }
)

# `window` and `strides` have a number for each axis between batch and channels.
# The largest number of a box is that of the largest along one axis after the
# other.
pool_largest <- function(x, window, strides, padding) {
  rank <- length(window)
  if (rank == 1L) return(pool_steps(x, window, strides, padding))
  for (k in seq_len(rank)) {
    x <- op_moveaxis(x, k + 1L, rank + 1L)
    shape <- shape_of(x)
    rows <- op_reshape(x, c(-1L, shape[rank + 1:2]))
    rows <- pool_steps(rows, window[k], strides[k], padding)
    x <- op_reshape(rows, c(shape[seq_len(rank)], shape_of(rows)[-1]))
    x <- op_moveaxis(x, rank + 1L, k + 1L)
  }
  x
}

# The same along the one axis between batch and channels.
pool_steps <- function(x, window, strides, padding) {
  size <- shape_of(x)[2]
  run_op(max_pool_op, list(x), window_attributes(
    size, conv_places(size, window, strides, padding, 1L), window, strides, 1L,
    padding_before(size, window, strides, padding, 1L)
  ))
}

# Padding counts as nothing.
pool_mean <- function(x, window, strides, padding) {
  shape <- shape_of(x)
  n <- length(shape)
  rows <- windows_of(x, window, strides, padding, rep(1L, n - 2L))
  places <- shape_of(rows)[-c(1L, n)]
  total <- op_sum(op_reshape(rows, c(shape[1], places, prod(window), shape[n])),
                  axis = n)
  counts <- Reduce(outer, Map(function(size, window, stride, places) {
    first <- (seq_len(places) - 1L) * stride -
      padding_before(size, window, stride, padding, 1L)
    pmin(first + window, size) - pmax(first, 0L)
  }, shape[-c(1L, n)], window, strides, places))
  op_divide(total, as_tensor(array(as.numeric(counts), c(1L, places, 1L)),
                             dtype_of(x)))
}

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

# x [batch, places, channels], kernel [window, channels, filters] to
# [batch, places, filters].
convolve <- function(x, kernel, strides, padding, dilation) {
  shape <- shape_of(x)
  rank <- length(shape) - 2L
  size <- shape[seq_len(rank) + 1L]
  window <- shape_of(kernel)[seq_len(rank)]
  places <- conv_places(size, window, strides, padding, dilation)
  reach <- (window - 1L) * dilation + 1L
  before <- if (padding == "same") {
    pmax((places - 1L) * strides + reach - size, 0L) %/% 2L
  } else {
    integer(rank)
  }
  three <- function(values, filler) c(rep(filler, 3L - rank), values)
  rows <- run_op(patches_op, list(x), list(
    size = three(size, 1L), out = three(places, 1L),
    window = three(window, 1L), stride = three(strides, 1L),
    dilation = three(dilation, 1L), before = three(before, 0L),
    places = places
  ))
  filters <- shape_of(kernel)[rank + 2L]
  op_matmul(rows, op_reshape(kernel, c(-1L, filters)))
}

# How many places a window has on each axis; NA where the size is unknown.
conv_places <- function(size, window, strides, padding, dilation) {
  if (padding == "same") return(as.integer(ceiling(size / strides)))
  as.integer((size - (window - 1L) * dilation - 1L) %/% strides + 1L)
}

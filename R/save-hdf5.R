# HDF5 files as Keras writes them: groups, and arrays in one piece without
# filters.

# Makes the file `path` by `fill(h5)`, of a model's numbers and of `text` bytes.
# The library does not survive a disk that turns out to be full: the room is
# asked for before.
write_hdf5 <- function(path, self, fill, text = 0) {
  need_package("hdf5r", "write models into files")
  reserve_file(path, hdf5_size(self) + text)
  h5 <- hdf5r::H5File$new(path, mode = "w")
  on.exit(close_hdf5(h5))
  fill(h5)
  h5$flush()
}

# What the file of a model takes at most: its numbers, and what stands around
# each array.
hdf5_size <- function(self) {
  optimizer <- self$optimizer
  values <- c(self$variables, if (!is.null(optimizer)) optimizer$variables)
  numbers <- sum(vapply(values, function(v) prod(shape_of(v)), 0))
  32768 + 2048 * length(values) + 8 * numbers
}

# A file is closed once all that was opened in it is. close_all() sees to that
# by rounds of garbage collection, which cost more than all the rest.
close_hdf5 <- function(h5) {
  if (h5$get_obj_count() > 1) h5$close_all() else h5$close()
}

# The group at `path`, made with those above it where there is none yet.
make_group <- function(h5, path) {
  at <- ""
  for (part in strsplit(path, "/", fixed = TRUE)[[1]]) {
    at <- if (nzchar(at)) paste0(at, "/", part) else part
    if (!h5$exists(at)) h5$create_group(at)$close()
  }
  h5$open(path)
}

# An array from a tensor or variable, in the file's row-major order.
write_array <- function(group, name, value, type = NULL) {
  shape <- shape_of(value)
  type <- type %||% switch(dtype_of(value),
    float32 = hdf5r::h5types$H5T_IEEE_F32LE,
    float64 = hdf5r::h5types$H5T_IEEE_F64LE,
    int32 = hdf5r::h5types$H5T_STD_I32LE,
    hdf5r::h5types$H5T_STD_I8LE
  )
  values <- as.numeric(value)
  if (!length(shape)) {
    space <- hdf5r::H5S$new("scalar")
  } else {
    space <- hdf5r::H5S$new("simple", dims = rev(shape), maxdims = rev(shape))
    values <- array(values, rev(shape))
  }
  # The numbers fit their type; the library warns of those that are not finite.
  array <- suppressWarnings(group$create_dataset(
    name, values, dtype = type, space = space, chunk_dims = NULL
  ))
  array$close()
}

# A text attribute: one text, or a vector of them where `many`.
write_text <- function(part, name, value, many = FALSE) {
  type <- hdf5r::H5T_STRING$new(size = Inf)$set_cset("UTF-8")
  if (!many) {
    space <- hdf5r::H5S$new("scalar")
  } else if (length(value)) {
    space <- hdf5r::H5S$new("simple", dims = length(value),
                            maxdims = length(value))
  } else {
    # Python writes an empty list as an empty vector of numbers.
    type <- hdf5r::h5types$H5T_IEEE_F64LE
    space <- hdf5r::H5S$new("simple", dims = 0, maxdims = 0)
    value <- numeric()
  }
  if (is.character(value)) value <- enc2utf8(value)
  part$create_attr(name, if (length(value)) value, dtype = type,
                   space = space)$close()
}

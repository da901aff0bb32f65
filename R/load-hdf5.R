# HDF5 files as Keras writes them: groups, arrays of numbers, texts. They are
# read by src/core/hdf5_file.h and not by the HDF5 library, which is not made
# for files from strangers: it knows links to other files, filters and much
# more, and damaged files have crashed it. All of a file's structure is looked
# at before the first number is read.

# Calls `use(index)` with what is in the file of these bytes: `groups`, paths;
# `arrays` by path, each list(shape, type, at, count); `texts` by path and name.
with_hdf5 <- function(bytes, use) {
  found <- cpp_hdf5_index(bytes)
  if (is.character(found)) abort_damaged("%s", found)
  at <- vapply(found$texts, function(text) paste(text$at, collapse = "\n"), "")
  texts <- lapply(found$texts, `[[`, "values")
  if (!all(validUTF8(c(found$groups, names(found$arrays), at,
                       unlist(texts))))) {
    abort_damaged("a text in it is not in UTF-8")
  }
  use(list(bytes = bytes, groups = found$groups, arrays = found$arrays,
           texts = stats::setNames(texts, at)))
}

# The array at `path` as a tensor, row-major as it lies in the file.
read_array <- function(index, path, dtype) {
  array <- index$arrays[[path]]
  values <- cpp_hdf5_numbers(index$bytes, array$type, array$at, array$count)
  # What is not finite is told where weights are put in place.
  tensor <- as_tensor(array(values, length(values)), dtype)
  op_reshape(tensor, array$shape)
}

# A text attribute, or a vector of texts; NULL where there is none.
read_text <- function(index, group, name) {
  index$texts[[paste(c(group, name), collapse = "\n")]]
}

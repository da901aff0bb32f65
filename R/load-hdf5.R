# HDF5 files are read by hdf5r, in the form that Keras writes: groups and plain
# arrays of numbers, joined by hard links alone. All of a file's structure is
# looked at before the first number is read.

hdf5_limits <- list(objects = 1e5, depth = 64, rank = 8)

# Opens `path`, calls `use(file)` with list(h5, arrays, groups) and closes it,
# whatever happens. What the library finds wrong becomes an error of the file.
with_hdf5 <- function(path, use) {
  need_package("hdf5r", "read models from files")
  check_hdf5_start(path)
  h5 <- in_hdf5(hdf5r::H5File$new(path, mode = "r"))
  on.exit(suppressWarnings(try(close_hdf5(h5), silent = TRUE)))
  use(hdf5_index(h5, file.size(path)))
}

# The file's own end of file, in the two kinds of superblock that can be told
# without the library.
check_hdf5_start <- function(path) {
  head <- readBin(path, "raw", 64L)
  magic <- as.raw(c(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a))
  if (length(head) < 48L || !identical(head[1:8], magic)) {
    abort_damaged("it is not an HDF5 file")
  }
  version <- as.integer(head[9])
  if (version > 3L) abort_damaged("its kind of HDF5 file is unknown")
  if (version > 1L) {
    end <- unsigned(head, 28, 8)
  } else {
    end <- unsigned(head, if (version == 1L) 44 else 40, 8)
  }
  if (end > file.size(path)) abort_damaged("it is cut off")
}

in_hdf5 <- function(expr) {
  value <- tryCatch(expr, error = function(e) e)
  if (!inherits(value, "error")) return(value)
  if (inherits(value, "elman_error")) stop(value)
  reason <- grep("error #", strsplit(conditionMessage(value), "\n")[[1]],
                 value = TRUE)
  reason <- sub("^.*line [0-9]+: ", "", utils::head(reason, 1L))
  abort_damaged("it is damaged%s",
                if (length(reason)) paste0(" (", reason, ")") else "")
}

# ---- structure ---------------------------------------------------------------

# list(h5, arrays, groups): arrays by path, each list(shape, size); paths of
# groups. An object that is met twice makes a circle or a knot: refused.
hdf5_index <- function(h5, file_size) {
  index <- new.env(parent = emptyenv())
  index$h5 <- h5
  index$arrays <- list()
  index$groups <- character()
  index$seen <- new.env(parent = emptyenv())
  index$left <- file_size
  index$file_size <- file_size
  in_hdf5(index_group(index, h5, "", 0L))
  index
}

index_group <- function(index, group, path, depth) {
  if (depth > hdf5_limits$depth) abort_damaged("its groups are too deep")
  index$groups <- c(index$groups, path)
  note_address(index, group, path)
  for (k in seq_len(group$group_info()$nlinks) - 1L) {
    name <- group$link_name_by_idx(k, group_name = ".")
    here <- if (nzchar(path)) paste0(path, "/", name) else name
    kind <- as.integer(group$link_info(name)$type)
    if (kind != 0L) {
      abort_damaged("%s is %s link, not a part of the file",
                    quote_all(here), if (kind == 1L) "a soft" else
                      if (kind == 64L) "an external" else "an unknown")
    }
    part <- group$open(name)
    if (inherits(part, "H5Group")) {
      index_group(index, part, here, depth + 1L)
    } else if (inherits(part, "H5D")) {
      note_address(index, part, here)
      index$arrays[[here]] <- check_dataset(part, here, index)
    } else {
      abort_damaged("%s is neither a group nor an array", quote_all(here))
    }
    part$close()
  }
}

note_address <- function(index, part, path) {
  address <- format(as.numeric(part$obj_info()$addr), digits = 17)
  if (!is.null(index$seen[[address]])) {
    abort_damaged("%s is found in it twice", quote_all(path))
  }
  index$seen[[address]] <- TRUE
  if (length(index$seen) > hdf5_limits$objects) {
    abort_damaged("it holds too many parts")
  }
}

# An array's shape, once it is known to be plain numbers that lie in this file.
check_dataset <- function(array, path, index) {
  path <- quote_all(path)
  layout <- array$get_create_plist()
  if (layout$get_external_count() > 0L) {
    abort_damaged("the numbers of %s lie in another file", path)
  }
  if (!as.character(layout$get_layout()) %in%
        c("H5D_CONTIGUOUS", "H5D_COMPACT")) {
    abort_damaged("%s is virtual or in chunks, which Keras does not write",
                  path)
  }
  if (layout$get_nfilters() > 0L) {
    abort_damaged("%s is filtered, which Keras does not do", path)
  }
  type <- array$get_type()
  kind <- as.character(type$get_class())
  bytes <- as.numeric(type$get_size())
  if (!kind %in% c("H5T_FLOAT", "H5T_INTEGER") || bytes > 8) {
    abort_damaged("%s does not hold numbers", path)
  }
  space <- as.character(array$get_space()$get_simple_extent_type())
  if (!space %in% c("H5S_SCALAR", "H5S_SIMPLE")) {
    abort_damaged("%s holds nothing", path)
  }
  shape <- if (space == "H5S_SIMPLE") rev(as.numeric(array$dims))
  if (length(shape) > hdf5_limits$rank || any(shape >= 2^31)) {
    abort_damaged("%s has a shape that is out of range", path)
  }
  size <- prod(shape) * bytes
  index$left <- index$left - size
  stored <- suppressWarnings(as.numeric(array$get_storage_size()))
  if (index$left < 0 || stored != size) {
    abort_damaged("%s says that it has %.0f bytes, but they are not there",
                  path, size)
  }
  list(shape = as.integer(shape), kind = kind)
}

# ---- numbers -----------------------------------------------------------------

# The array at `path` as a tensor, row-major as it lies in the file.
read_array <- function(index, path, dtype) {
  values <- in_hdf5({
    array <- index$h5$open(path)
    on.exit(array$close())
    # What is not finite is told where weights are put in place.
    as.vector(as.numeric(suppressWarnings(array$read())))
  })
  shape <- index$arrays[[path]]$shape
  tensor <- as_tensor(array(values, length(values)), dtype)
  op_reshape(tensor, shape)
}

# A text attribute, or a vector of texts; NULL where there is none.
read_text <- function(index, group, name) {
  in_hdf5({
    part <- if (nzchar(group)) index$h5$open(group) else index$h5
    if (nzchar(group)) on.exit(part$close())
    if (!part$attr_exists(name)) return(NULL)
    attribute <- part$attr_open(name)
    on.exit(attribute$close(), add = TRUE, after = FALSE)
    count <- prod(attribute$get_space()$dims)
    bytes <- as.numeric(attribute$get_type()$get_size())
    # Texts of any length are references of 16 bytes.
    if (count * min(bytes, 16) > index$file_size) {
      abort_damaged("%s is larger than it", quote_all(name))
    }
    if (identical(as.numeric(count), 0)) return(character())
    value <- attribute$read()
    if (is.character(value)) value else character()
  })
}

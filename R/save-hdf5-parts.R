# The parts of an HDF5 file in bytes, after the HDF5 file format specification,
# version 3.0: as much of it as Keras's files have.

undefined_address <- as.raw(rep(255, 8))

# The file's first 96 bytes: how it is laid out, its size and its first group.
# Leaves of trees hold 8 members, nodes 32 children.
hdf5_head <- function(size, top) {
  c(as.raw(c(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a)),
    as.raw(c(0, 0, 0, 0, 0, 8, 8, 0)), little(c(4, 16), 2), raw(4),
    raw(8), undefined_address, little(size, 8), undefined_address,
    little(c(0, top$header), 8), little(c(1, 0), 4),
    little(c(top$tree, top$names), 8))
}

# ---- messages of headers -----------------------------------------------------

hdf5_message <- function(kind, body, constant = FALSE) {
  body <- filled(body)
  if (length(body) >= 2^16) {
    abort_unfit("One of its lists of names takes more than 64 kB.")
  }
  c(little(c(kind, length(body)), 2), as.raw(constant), raw(3), body)
}

# An array of `size` bytes at `at`: its shape, type, what stands in for numbers
# that were never written, and its place.
array_messages <- function(shape, type, at, size) {
  list(
    hdf5_message(1, shape_bytes(shape)),
    hdf5_message(3, type_bytes(hdf5_types[[type]]), constant = TRUE),
    hdf5_message(5, as.raw(c(2, 2, 2, 1, 0, 0, 0, 0)), constant = TRUE),
    hdf5_message(8, c(as.raw(c(3, 1)), if (is.null(at)) undefined_address
                      else little(at, 8), little(size, 8)))
  )
}

# A text attribute from references to texts. Python writes an empty list as an
# empty vector of numbers.
attribute_message <- function(name, references, many) {
  name <- c(charToRaw(enc2utf8(name)), raw(1))
  shape <- shape_bytes(if (many) ncol(references))
  type <- if (ncol(references)) text_type_bytes() else
    type_bytes(hdf5_types$float64)
  hdf5_message(12, c(
    as.raw(c(1, 0)), little(lengths(list(name, type, shape)), 2),
    filled(name), filled(type), filled(shape), as.vector(references)
  ))
}

# Sizes, and how far each may grow: not at all.
shape_bytes <- function(shape) {
  rank <- length(shape)
  c(as.raw(c(1, rank, rank > 0)), raw(5), if (rank) little(c(shape, shape), 8))
}

# ---- types -------------------------------------------------------------------

# Of little-endian numbers: their bytes, and for floating point where exponent
# and mantissa are.
hdf5_types <- list(
  float32 = list(size = 4, float = TRUE, exponent = c(23, 8), bias = 127),
  float64 = list(size = 8, float = TRUE, exponent = c(52, 11), bias = 1023),
  int8 = list(size = 1, float = FALSE),
  int32 = list(size = 4, float = FALSE),
  int64 = list(size = 8, float = FALSE)
)

type_bytes <- function(type) {
  bits <- 8 * type$size
  if (!type$float) {
    return(c(as.raw(c(0x10, 8, 0, 0)), little(type$size, 4),
             little(c(0, bits), 2)))
  }
  mantissa <- c(0, type$exponent[1])
  c(as.raw(c(0x11, 0x20, bits - 1, 0)), little(type$size, 4),
    little(c(0, bits), 2), as.raw(c(type$exponent, mantissa)),
    little(type$bias, 4))
}

# UTF-8 of any length, kept elsewhere, in bytes.
text_type_bytes <- function() {
  c(as.raw(c(0x19, 1, 1, 0)), little(16, 4),
    as.raw(c(0x10, 0, 0, 0)), little(1, 4), little(c(0, 8), 2))
}

# ---- texts -------------------------------------------------------------------

# Puts the texts into collections of some 64 kB, and gives a reference to each,
# a column of 16 bytes: size, collection, number there. An empty text is
# nowhere.
put_texts <- function(file, texts) {
  references <- matrix(raw(16 * length(texts)), 16)
  bytes <- lapply(as.character(texts), charToRaw)
  sizes <- lengths(bytes)
  held <- which(sizes > 0)
  collections <- cumsum(16 + sizes[held]) %/% 2^16
  for (which in split(held, collections)) {
    at <- put(file, text_collection(bytes[which]))
    numbers <- seq_along(which)
    references[, which] <- rbind(columns(sizes[which], 4),
                                 columns(rep(at, length(which)), 8),
                                 columns(numbers, 4))
  }
  references
}

# A collection takes 4 kB at least; an object with the number 0 is what is left.
text_collection <- function(texts) {
  objects <- joined(Map(function(number, text) {
    c(little(number, 8), little(length(text), 8), filled(text))
  }, seq_along(texts), texts))
  size <- max(4096, 16 + length(objects))
  left <- size - 16 - length(objects)
  c(charToRaw("GCOL"), little(1, 4), little(size, 8), objects,
    if (left >= 16) c(little(c(0, left), 8), raw(left - 16)) else raw(left))
}

# Numbers as columns of bytes.
columns <- function(x, size) matrix(little(x, size), size)

# ---- members of groups -------------------------------------------------------

# The names of a group's members.
put_names <- function(file, names) {
  # 1: no room is left in it.
  at <- file$end
  put(file, c(charToRaw("HEAP"), raw(4),
              little(c(length(names), 1, at + 32), 8), names))
}

# A tree over members in the order of their names: leaves of 8, then levels of
# nodes until one is above all. Between two children stands the last name of the
# first of them.
put_tree <- function(file, names, headers) {
  entries <- rbind(columns(names, 8), columns(headers, 8),
                   matrix(raw(24 * length(names)), 24))
  leaves <- runs_of(length(names), 8)
  children <- vapply(leaves, function(which) {
    put(file, c(charToRaw("SNOD"), as.raw(c(1, 0)), little(length(which), 2),
                as.vector(entries[, which]), raw(40 * (8 - length(which)))))
  }, 0)
  last <- names[cumsum(lengths(leaves))]
  level <- 0
  repeat {
    nodes <- runs_of(length(children), 32)
    if (!length(nodes)) nodes <- list(integer())
    children <- put_nodes(file, nodes, children, c(0, last), level)
    if (length(children) == 1L) return(children)
    last <- last[cumsum(lengths(nodes))]
    level <- level + 1
  }
}

# Nodes of one level, one behind the other; each knows those beside it.
put_nodes <- function(file, nodes, children, keys, level) {
  size <- 24 + 33 * 8 + 32 * 8
  first <- file$end
  beside <- function(k) {
    if (k < 1 || k > length(nodes)) undefined_address else
      little(first + (k - 1) * size, 8)
  }
  vapply(seq_along(nodes), function(k) {
    which <- nodes[[k]]
    from <- if (length(which)) which[1] else 1L
    pairs <- rbind(columns(children[which], 8), columns(keys[which + 1L], 8))
    put(file, c(charToRaw("TREE"), as.raw(c(0, level)),
                little(length(which), 2), beside(k - 1), beside(k + 1),
                little(keys[from], 8), as.vector(pairs),
                raw(16 * (32 - length(which)))))
  }, 0)
}

# 1 to `count` in runs of `size`.
runs_of <- function(count, size) {
  unname(split(seq_len(count), (seq_len(count) - 1) %/% size))
}

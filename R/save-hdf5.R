# Writing HDF5 files as Keras does: groups, arrays in one piece without filters,
# and texts as attributes, in the oldest layout, which every reader knows. The
# same model gives the same bytes. It is not left to the HDF5 library through
# hdf5r, which keeps a name for each object that it ever opened, so that a
# session that saves its model every epoch would grow without end.

# Makes the file `path` of what `fill(group)` puts into its first group.
write_hdf5 <- function(path, fill) {
  file <- lay_out_hdf5(fill)
  write_bytes(file$head, path)
  batches <- cumsum(file$sizes) %/% 2^20
  for (batch in split(file$pieces, batches)) {
    write_bytes(joined(lapply(batch, piece_bytes)), path, append = TRUE)
  }
}

# The same as one raw vector.
hdf5_bytes <- function(fill) {
  file <- lay_out_hdf5(fill)
  joined(c(list(file$head), lapply(file$pieces, piece_bytes)))
}

# ---- what `fill` calls -------------------------------------------------------

# A group's members and texts, and where the whole file's texts are gathered.
# Members are a list: R keeps the names in an environment for ever.
new_group <- function(texts) {
  group <- new.env(parent = emptyenv())
  group$members <- list()
  group$attributes <- list()
  group$texts <- texts
  group
}

# The group at `path` below `group`, made with those above it where there is
# none yet.
make_group <- function(group, path) {
  parts <- strsplit(path, "/", fixed = TRUE)[[1]]
  for (name in parts[!parts %in% c("", ".")]) {
    below <- group$members[[name]]
    if (is.null(below)) {
      below <- add_member(group, name, new_group(group$texts))
    }
    if (!is.environment(below)) {
      abort_unfit(sprintf("\"%s\" would be an array and a group.", name))
    }
    group <- below
  }
  group
}

add_member <- function(group, name, member) {
  if (!is.null(group$members[[name]])) {
    abort_unfit(sprintf("Two of its parts would be named \"%s\".", name))
  }
  group$members[[name]] <- member
  member
}

# Where the format has no place for a model's names.
abort_unfit <- function(reason) {
  abort_file(paste("The model does not fit into a file.", reason), "filepath")
}

# An array from a tensor or variable, row-major, in the type `type`.
write_array <- function(group, name, value, type = NULL) {
  type <- type %||% dtype_of(value)
  if (!type %in% names(hdf5_types)) type <- "int8"
  add_member(group, name, list(value = value, type = type))
}

# A text attribute: one text, or a vector of them where `many`.
write_text <- function(group, name, value, many = FALSE) {
  texts <- group$texts
  first <- length(texts$values)
  texts$values <- c(texts$values, enc2utf8(value))
  group$attributes[[name]] <- list(which = first + seq_along(value),
                                   many = many)
}

# ---- laying out --------------------------------------------------------------

# All that is in the file in the order of its bytes: `head`, then `pieces`, raw
# vectors and arrays, of `sizes` bytes. What is pointed at stands before what
# points at it.
lay_out_hdf5 <- function(fill) {
  root <- new_group(new.env(parent = emptyenv()))
  fill(root)
  file <- new.env(parent = emptyenv())
  file$pieces <- list()
  file$sizes <- numeric()
  file$end <- length(hdf5_head(0, list(header = 0, tree = 0, names = 0)))
  file$texts <- put_texts(file, root$texts$values)
  top <- put_group(file, root)
  file$head <- hdf5_head(file$end, top)
  file
}

# Adds a piece, filled up to whole words, and gives its address.
put <- function(file, piece, size = length(piece)) {
  at <- file$end
  count <- length(file$pieces) + 1L
  file$pieces[[count]] <- piece
  file$sizes[count] <- size + -size %% 8
  file$end <- at + file$sizes[count]
  at
}

put_member <- function(file, member) {
  if (is.environment(member)) return(put_group(file, member)$header)
  size <- prod(shape_of(member$value)) * hdf5_types[[member$type]]$size
  at <- if (size > 0) put(file, member, size)
  put_header(file, array_messages(shape_of(member$value), member$type, at,
                                  size))
}

# Gives the addresses of its header, of the tree over its members and of their
# names.
put_group <- function(file, group) {
  members <- group$members
  names(members) <- enc2utf8(as.character(names(members)))
  members <- members[order(names(members), method = "radix")]
  headers <- vapply(members, function(m) put_member(file, m), 0)
  bytes <- lapply(names(members), function(name) c(charToRaw(name), raw(1)))
  words <- lapply(bytes, filled)
  starts <- 8 + cumsum(c(0, lengths(words)))[seq_along(words)]
  names <- put_names(file, joined(c(list(raw(8)), words)))
  tree <- put_tree(file, starts, headers)
  texts <- Map(function(name, attribute) {
    attribute_message(name, file$texts[, attribute$which, drop = FALSE],
                      attribute$many)
  }, names(group$attributes), group$attributes)
  header <- put_header(file, c(
    list(hdf5_message(17, little(c(tree, names), 8))), unname(texts)
  ))
  list(header = header, tree = tree, names = names)
}

put_header <- function(file, messages) {
  body <- joined(messages)
  put(file, c(little(c(1, length(messages)), 2), little(1, 4),
              little(c(length(body), 0), 4), body))
}

# ---- bytes -------------------------------------------------------------------

joined <- function(pieces) as.raw(unlist(pieces, use.names = FALSE))

filled <- function(bytes) c(bytes, raw(-length(bytes) %% 8))

piece_bytes <- function(piece) {
  filled(if (is.raw(piece)) piece else array_bytes(piece))
}

# R writes vectors of up to 2 GB at a time.
array_bytes <- function(array) {
  numbers <- as.numeric(array$value)
  type <- hdf5_types[[array$type]]
  if (!type$float) numbers <- as.integer(numbers)
  if (length(numbers) <= 2^27) return(number_bytes(numbers, type$size))
  parts <- seq(0, length(numbers) - 1, by = 2^27)
  joined(lapply(parts, function(from) {
    number_bytes(numbers[seq(from + 1, min(from + 2^27, length(numbers)))],
                 type$size)
  }))
}

number_bytes <- function(numbers, size) {
  writeBin(numbers, raw(), size = size, endian = "little")
}

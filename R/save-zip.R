# Zip archives as Keras writes them: every member stored as it is, without
# compression. (What weights contain does not get smaller.) Package zip archives
# files on the disk with the times that they have there; here members are bytes,
# and the same model gives the same archive.

# The archive of `members`, a named list of raw vectors, as one raw vector.
zip_archive <- function(members) {
  heads <- Map(zip_member_head, names(members), members)
  sizes <- lengths(heads) + lengths(members)
  offsets <- cumsum(c(0, sizes))[seq_along(members)]
  directory <- Map(zip_directory_entry, heads, names(members), offsets)
  bodies <- unlist(Map(c, heads, members), use.names = FALSE)
  entries <- unlist(directory, use.names = FALSE)
  if (length(bodies) + length(entries) >= 2^32 - 1) {
    abort_file("A model of more than 4 GB cannot be written into one file.",
               "filepath")
  }
  end <- c(
    zip_signature(5, 6), little(c(0, 0), 2),
    little(rep(length(members), 2), 2),
    little(c(length(entries), length(bodies)), 4), little(0, 2)
  )
  c(bodies, entries, end)
}

# Version, flags, method, time, date (1980-01-01: the same model gives the same
# file), checksum and the two sizes.
zip_common <- function(data) {
  c(little(c(20, 0, 0, 0, 33), 2), little(cpp_crc32(data), 4),
    little(rep(length(data), 2), 4))
}

zip_member_head <- function(name, data) {
  c(zip_signature(3, 4), zip_common(data),
    little(c(nchar(name, "bytes"), 0), 2), charToRaw(name))
}

# The head again, and where the member is. The mode is that of a plain file.
zip_directory_entry <- function(head, name, offset) {
  common <- head[5:26]
  c(zip_signature(1, 2), little(3 * 256 + 20, 2), common,
    little(c(nchar(name, "bytes"), 0, 0, 0, 0), 2),
    little(strtoi("600", 8L) * 65536, 4), little(offset, 4), charToRaw(name))
}

zip_signature <- function(a, b) as.raw(c(0x50, 0x4b, a, b))

# Whole numbers as little-endian bytes.
little <- function(x, size) {
  as.raw(rep(x, each = size) %/% 256^(seq_len(size) - 1) %% 256)
}

# Zip archives are read here, byte by byte, and only in the form that model
# files have: a few members of known names, none of them larger than it should
# be. Nothing is unpacked onto the disk. Package zip would do less: it unpacks
# onto the disk, and its list of members tells neither flags nor methods nor
# whether the directory agrees with the members, which has to be known before
# anything is allocated.

zip_limits <- list(members = 64, bytes = 2^31 - 1, ratio = 100,
                   free_bytes = 2^20)

# The members named in `wanted`, as a named list of raw vectors. Every entry of
# the archive is looked at before the first is unpacked; `allowed` is the
# regular expression that names must match.
read_zip <- function(bytes, wanted, allowed) {
  entries <- zip_entries(bytes)
  names <- vapply(entries, `[[`, "", "name")
  for (entry in entries) check_zip_entry(entry, allowed)
  twice <- names[duplicated(names)]
  if (length(twice)) {
    abort_damaged("it holds %s more than once", quote_all(twice[1]))
  }
  check_zip_overlap(entries)
  absent <- setdiff(wanted, names)
  if (length(absent)) abort_damaged("it holds no %s", quote_all(absent[1]))
  members <- lapply(entries[match(wanted, names)], unzip_member, bytes = bytes)
  stats::setNames(members, wanted)
}

is_zip <- function(bytes) {
  length(bytes) >= 22L && identical(bytes[1:4], zip_signature(3, 4))
}

# ---- the directory -----------------------------------------------------------

zip_entries <- function(bytes) {
  end <- zip_end(bytes)
  entries <- list()
  at <- end$offset
  for (k in seq_len(end$count)) {
    entry <- zip_entry(bytes, at, end$offset + end$size)
    entries <- c(entries, list(entry))
    at <- entry$next_entry
  }
  if (at != end$offset + end$size) {
    abort_damaged("its directory is not as long as it says")
  }
  lapply(entries, zip_data_place, bytes = bytes, limit = end$offset)
}

# The record that ends the archive. A comment after it would allow to hide
# another one, and Keras writes none.
zip_end <- function(bytes) {
  n <- length(bytes)
  if (n < 22L || !identical(bytes[n - 21:18], zip_signature(5, 6))) {
    abort_damaged("it does not end as a zip archive does")
  }
  at <- n - 22
  field <- function(offset, size) unsigned(bytes, at + offset, size)
  end <- list(count = field(10, 2), size = field(12, 4), offset = field(16, 4))
  if (field(4, 2) != 0 || field(6, 2) != 0 || field(8, 2) != end$count ||
        field(20, 2) != 0) {
    abort_damaged("it is split, or a comment follows it")
  }
  if (end$count > zip_limits$members) {
    abort_damaged("it holds %d parts, at most %d are allowed", end$count,
                  zip_limits$members)
  }
  if (end$offset + end$size != at) {
    abort_damaged("its directory is not where it should be")
  }
  end
}

zip_entry <- function(bytes, at, limit) {
  if (at + 46 > limit ||
        !identical(bytes[at + 1:4], zip_signature(1, 2))) {
    abort_damaged("an entry of its directory is broken")
  }
  field <- function(offset, size) unsigned(bytes, at + offset, size)
  lengths <- c(field(28, 2), field(30, 2), field(32, 2))
  if (at + 46 + sum(lengths) > limit) {
    abort_damaged("an entry of its directory is broken")
  }
  list(
    name = zip_text(bytes, at + 46, lengths[1]),
    system = field(5, 1), flags = field(8, 2), method = field(10, 2),
    crc = field(16, 4), stored = field(20, 4), size = field(24, 4),
    mode = field(38, 4) %/% 65536, offset = field(42, 4),
    next_entry = at + 46 + sum(lengths)
  )
}

# Where the bytes of a member are; its own head must agree with the directory.
zip_data_place <- function(entry, bytes, limit) {
  at <- entry$offset
  if (at + 30 > limit || !identical(bytes[at + 1:4], zip_signature(3, 4))) {
    abort_damaged("the part %s is not where it should be",
                  quote_all(entry$name))
  }
  field <- function(offset, size) unsigned(bytes, at + offset, size)
  n <- field(26, 2)
  first <- at + 30 + n + field(28, 2)
  same <- n <= limit - at - 30 &&
    identical(zip_text(bytes, at + 30, n), entry$name) &&
    field(6, 2) == entry$flags && field(8, 2) == entry$method
  if (!same) {
    abort_damaged("the part %s and the directory do not agree",
                  quote_all(entry$name))
  }
  if (first + entry$stored > limit) {
    abort_damaged("the part %s is cut off", quote_all(entry$name))
  }
  entry$first <- first
  entry
}

zip_text <- function(bytes, at, n) {
  text <- bytes[at + seq_len(n)]
  if (!n || any(text < as.raw(0x20) | text > as.raw(0x7e))) {
    abort_damaged("the name of a part is not plain text")
  }
  rawToChar(text)
}

# ---- what is refused ---------------------------------------------------------

check_zip_entry <- function(entry, allowed) {
  name <- quote_all(entry$name)
  parts <- strsplit(entry$name, "[/\\\\]")[[1]]
  if (grepl("^[/\\\\]|^[A-Za-z]:", entry$name) || ".." %in% parts) {
    abort_damaged("the part %s would lie outside of it", name)
  }
  if (!grepl(allowed, entry$name)) {
    abort_damaged("the part %s has no place in a model", name)
  }
  # Encryption, patches and a masked directory; links and devices.
  if (bitwAnd(entry$flags, 0x2061L) != 0L) {
    abort_damaged("the part %s is encrypted", name)
  }
  kind <- entry$mode %/% 4096
  kinds <- c(0, 8, if (endsWith(entry$name, "/")) 4)
  if (entry$system == 3 && !kind %in% kinds) {
    abort_damaged("the part %s is a link or no plain file", name)
  }
  if (!entry$method %in% c(0, 8)) {
    abort_damaged("the part %s is packed in an unknown way", name)
  }
  if (entry$method == 0 && entry$stored != entry$size) {
    abort_damaged("the part %s has two different sizes", name)
  }
  is_text <- endsWith(entry$name, ".json")
  if (entry$size > if (is_text) json_limits$bytes else zip_limits$bytes) {
    abort_damaged("the part %s is too large, %.0f bytes", name, entry$size)
  }
  if (entry$size > max(zip_limits$free_bytes,
                       zip_limits$ratio * entry$stored)) {
    abort_damaged("the part %s unpacks to %.0f times its size", name,
                  entry$size / max(1, entry$stored))
  }
}

# Members that share bytes make a small file unpack to a large one.
check_zip_overlap <- function(entries) {
  from <- vapply(entries, `[[`, 0, "offset")
  to <- vapply(entries, function(e) e$first + e$stored, 0)
  order <- order(from)
  if (any(utils::head(to[order], -1L) > from[order][-1L])) {
    abort_damaged("two of its parts share their bytes")
  }
}

# ---- unpacking ---------------------------------------------------------------

unzip_member <- function(entry, bytes) {
  data <- cpp_raw_slice(bytes, entry$first, entry$stored)
  if (entry$method == 8) data <- inflate(data, entry)
  if (length(data) != entry$size || cpp_crc32(data) != entry$crc) {
    abort_damaged("the part %s is damaged: its checksum is wrong",
                  quote_all(entry$name))
  }
  data
}

# Never more than the size that was announced (and one byte to see a lie).
inflate <- function(data, entry) {
  gzip <- c(as.raw(c(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)), data,
            little(entry$crc, 4), little(entry$size, 4))
  connection <- gzcon(rawConnection(gzip))
  on.exit(close(connection))
  tryCatch(suppressWarnings(readBin(connection, "raw", entry$size + 1)),
           error = function(e) raw())
}

unsigned <- function(bytes, at, size) {
  sum(as.integer(bytes[at + seq_len(size)]) * 256^(seq_len(size) - 1))
}

abort_damaged <- function(reason, ...) {
  abort_file(sprintf("The file cannot be read: %s.", sprintf(reason, ...)),
             "filepath")
}

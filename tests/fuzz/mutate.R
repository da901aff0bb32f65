# Damage: to any bytes, and to files whose structure stays whole.

one_of <- function(x) x[[sample.int(length(x), 1L)]]

# The damaged bytes of an entry of the corpus.
mutate <- function(entry, corpus) {
  ways <- list(any_damage)
  if (entry$kind == "keras") {
    ways <- c(ways, damaged_config, damaged_config, damaged_weights,
              damaged_directory)
  }
  if (entry$kind == "h5") ways <- c(ways, damaged_text)
  one_of(ways)(entry$bytes, corpus)
}

# ---- any bytes ---------------------------------------------------------------

any_damage <- function(bytes, corpus = NULL) {
  for (round in seq_len(sample.int(3L, 1L))) {
    bytes <- one_of(list(turn_bytes, set_words, set_words, set_words, cut_end,
                         splice))(bytes, corpus)
    if (length(bytes) < 16L) break
  }
  bytes
}

# Most of a file is empty: places that hold something are hit more often.
place_of <- function(bytes, n = 1L) {
  used <- which(bytes != 0)
  if (length(used) && stats::runif(1) < 0.8) {
    return(used[sample.int(length(used), n, replace = TRUE)])
  }
  sample.int(length(bytes), n, replace = TRUE)
}

turn_bytes <- function(bytes, corpus) {
  at <- place_of(bytes, sample.int(4L, 1L))
  bytes[at] <- as.raw(sample.int(256L, length(at), TRUE) - 1L)
  bytes
}

cut_end <- function(bytes, corpus) {
  utils::head(bytes, sample.int(length(bytes), 1L) - 1L)
}

# A piece of this file, or of another, in another place: over what is there,
# or between.
splice <- function(bytes, corpus) {
  from <- if (length(corpus) && stats::runif(1) < 0.3) one_of(corpus)$bytes else
    bytes
  first <- place_of(from)
  piece <- from[first:min(length(from), first + sample.int(2000L, 1L))]
  at <- place_of(bytes)
  if (stats::runif(1) < 0.5) return(append(bytes, piece, at))
  end <- min(length(bytes), at + length(piece) - 1L)
  bytes[at:end] <- piece[seq_len(end - at + 1L)]
  bytes
}

# A number where numbers stand: hostile, or the place of another part.
set_words <- function(bytes, corpus) {
  size <- one_of(c(1L, 2L, 4L, 8L, 8L))
  n <- length(bytes)
  at <- (place_of(bytes) - 1L) %/% size * size
  if (at + size > n) return(bytes)
  hostile <- c(0, 1, 2, 7, 8, 255, 65535, 2^31 - 1, 2^31, 2^32 - 1, 2^32,
               2^52, 2^63, n, n - 1, n + 1)
  value <- if (stats::runif(1) < 0.4) sample.int(n, 1L) %/% 8 * 8 else
    one_of(hostile)
  word <- if (stats::runif(1) < 0.1) rep(255, size) else
    value %/% 256^(seq_len(size) - 1) %% 256
  bytes[at + seq_len(size)] <- as.raw(word)
  bytes
}

# ---- parts of archives -------------------------------------------------------

members_of <- function(bytes) {
  elman:::read_zip(bytes, elman:::keras_members, elman:::keras_member_names)
}

with_member <- function(bytes, name, change) {
  members <- members_of(bytes)
  members[[name]] <- change(members[[name]])
  elman:::zip_archive(members)
}

damaged_weights <- function(bytes, corpus) {
  with_member(bytes, "model.weights.h5", any_damage)
}

damaged_config <- function(bytes, corpus) {
  with_member(bytes, "config.json", function(text) {
    charToRaw(damaged_json(rawToChar(text)))
  })
}

# Fields of the directory and of the members' heads, and members that are
# packed, with sizes that lie.
damaged_directory <- function(bytes, corpus) {
  members <- members_of(bytes)
  if (stats::runif(1) < 0.3) {
    data <- members[["model.weights.h5"]]
    data <- one_of(list(data, raw(2^20), raw(3e7), turn_bytes(data)))
    packed <- memCompress(data, "gzip")
    packed <- packed[-c(1:2, length(packed) - 3:0)]
    if (stats::runif(1) < 0.5) packed <- any_damage(packed)
    members[["model.weights.h5"]] <- packed
    bytes <- elman:::zip_archive(members)
    size <- one_of(c(length(data), length(data) + 1, 1e6, 2^31, 0))
    told <- c(elman:::little(8, 2), elman:::little(c(0, 33), 2),
              elman:::little(elman:::cpp_crc32(data), 4),
              elman:::little(length(packed), 4), elman:::little(size, 4))
    heads <- signature_places(bytes)
    bytes[heads[3] + 7 + seq_along(told)] <- told
    bytes[heads[6] + 9 + seq_along(told)] <- told
    return(bytes)
  }
  if (stats::runif(1) < 0.2) {
    names(members)[sample.int(3L, 1L)] <- one_of(c(
      "config.json", "../config.json", "/x", "assets/", "assets/a", "C:x", "x"
    ))
    return(elman:::zip_archive(c(members, list("assets/b" = raw(3)))))
  }
  heads <- signature_places(bytes)
  for (round in seq_len(sample.int(3L, 1L))) {
    at <- one_of(heads) + sample.int(45L, 1L)
    size <- one_of(c(1L, 2L, 4L))
    value <- one_of(c(0, 1, 8, 40, 255, 65535, 2^31 - 1, 2^32 - 1,
                      length(bytes), sample.int(length(bytes), 1L)))
    at <- at + seq_len(size)
    bytes[at[at <= length(bytes)]] <- as.raw(
      value %/% 256^(seq_len(size) - 1) %% 256
    )[at <= length(bytes)]
  }
  bytes
}

# Where "PK" begins a head, an entry or the end of the directory, from 0.
signature_places <- function(bytes) {
  n <- length(bytes) - 3L
  at <- which(bytes[seq_len(n)] == 0x50 & bytes[1L + seq_len(n)] == 0x4b &
                bytes[2L + seq_len(n)] <= 5 & bytes[3L + seq_len(n)] <= 6)
  at - 1L
}

# ---- configurations ----------------------------------------------------------

# The configuration of a whole model in HDF5, in the place that it has.
damaged_text <- function(bytes, corpus) {
  text <- charToRaw('{"class_name":')
  space <- charToRaw('{"module":')
  starts <- c(find_bytes(bytes, text), find_bytes(bytes, space))
  if (!length(starts)) return(any_damage(bytes, corpus))
  first <- min(starts)
  rest <- bytes[first:length(bytes)]
  # Braces in strings, which there are none of, would count too.
  open <- cumsum((rest == 0x7b) - (rest == 0x7d))
  old <- rest[seq_len(match(0L, open))]
  new <- charToRaw(damaged_json(rawToChar(old)))
  # What is behind the text and empty is the room that it has.
  size <- length(old) + match(TRUE, rest[-seq_along(old)] != 0x20) - 1L
  new <- utils::head(c(new, as.raw(rep(0x20, size))), size)
  bytes[first - 1L + seq_len(size)] <- new
  bytes
}

find_bytes <- function(bytes, piece) {
  n <- length(bytes) - length(piece) + 1L
  found <- rep(TRUE, n)
  for (k in seq_along(piece)) {
    found <- found & bytes[seq_len(n) + k - 1L] == piece[k]
  }
  which(found)
}

hostile_values <- list(
  NULL, TRUE, FALSE, -1L, 0L, 3L, 1000L, 1000000L, 2147483647L, 1e18, 1e300,
  0.5, -0.5, 1e-300, "", "../x", "system", "a\u00e4\u4e2d", "%s%n%d", "`", "\n",
  "__lambda__", "relu", "glu", "float16", "int8", list(), list(NULL),
  list(1L, "a"), list(list(list())), as.list(1:50), list(NULL, 1000000L),
  list(a = 1), list(class_name = "Lambda"), list(class_name = "function"),
  list(class_name = "function", config = "system"), list(class_name = NULL),
  list(class_name = "Dense", config = list(units = 1e9)),
  list(class_name = "LSTM", config = list(units = 3L)),
  list(class_name = "L2", config = list(l2 = 1e999)),
  list(class_name = "Sequential", config = list(layers = list())),
  list(class_name = "__keras_tensor__", config = list(keras_history = "x")),
  list(class_name = "__tuple__", items = list(1L, list(2L))),
  list(module = "os", class_name = "x", config = list())
)

damaged_json <- function(text) {
  if (stats::runif(1) < 0.1) return(damaged_json_text(text))
  config <- jsonlite::parse_json(text)
  for (round in seq_len(sample.int(3L, 1L))) {
    config <- exchanged(config, config, 0)
  }
  elman:::json_text(config)
}

# A value somewhere in nested lists, exchanged, left out, or there twice.
exchanged <- function(x, whole, depth) {
  if (!is.list(x) || !length(x) || stats::runif(1) < 0.03 * depth) {
    return(other_value(x, whole))
  }
  at <- sample.int(length(x), 1L)
  draw <- stats::runif(1)
  if (depth > 1 && draw < 0.05) return(x[-at])
  if (depth > 1 && draw < 0.1) return(x[c(seq_along(x), at)])
  if (depth > 1 && draw < 0.13 && !is.null(names(x))) {
    names(x)[at] <- one_of(c("units", "config", "class_name", "x", ""))
    return(x)
  }
  x[at] <- list(exchanged(x[[at]], whole, depth + 1))
  x
}

other_value <- function(x, whole) {
  draw <- stats::runif(1)
  if (is.numeric(x) && draw < 0.5) {
    return(one_of(list(x + 1L, -x, 2 * x, x * 1e6, 0L, x + 0.5)))
  }
  if (draw < 0.75) return(one_of(hostile_values))
  if (draw < 0.78) return(one_of(list(strrep("a", 1e5), as.list(1:20000))))
  part <- whole
  while (is.list(part) && length(part) && stats::runif(1) < 0.85) {
    part <- one_of(part)
  }
  part
}

damaged_json_text <- function(text) {
  bytes <- charToRaw(text)
  at <- sample.int(length(bytes), 1L)
  piece <- one_of(list("[", "{", "}", "]", ",", "\"", "\\", "\\u0000", "1e999",
                       "\\ud800", strrep("[", 1000L), "-", "NaN", "{\"a\":1}"))
  rawToChar(switch(sample.int(3L, 1L),
    append(bytes, charToRaw(piece), at),
    utils::head(bytes, at),
    bytes[-(at:min(length(bytes), at + sample.int(9L, 1L)))]
  ))
}

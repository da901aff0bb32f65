# Protocol buffers, as much of them as ONNX files need: fields of whole numbers,
# of float32 numbers, and of bytes (texts, arrays, messages inside of messages).

# One message of its fields, each a raw vector or NULL.
pb_message <- function(...) {
  fields <- unlist(list(...), use.names = FALSE)
  if (is.null(fields)) raw() else fields
}

# A whole number up to 2^53 in either direction.
pb_int <- function(field, x) {
  unlist(lapply(x, function(value) c(pb_key(field, 0), pb_varint(value))),
         use.names = FALSE)
}

pb_float <- function(field, x) {
  unlist(lapply(x, function(value) {
    c(pb_key(field, 5), writeBin(as.double(value), raw(), size = 4L,
                                 endian = "little"))
  }), use.names = FALSE)
}

# Each of `x`, a raw vector, texts, or a list of raw vectors, as one field.
pb_bytes <- function(field, x) {
  if (is.raw(x)) x <- list(x)
  unlist(lapply(x, function(value) {
    if (is.character(value)) value <- charToRaw(enc2utf8(value))
    c(pb_key(field, 2), pb_varint(length(value)), value)
  }), use.names = FALSE)
}

pb_key <- function(field, wire) pb_varint(field * 8 + wire)

# Seven bits a byte, the lowest first, all but the last marked by the eighth
# bit. What is negative has ten bytes, as two's complement of 64 bits.
pb_varint <- function(x) {
  if (x < 0) {
    digits <- c(x %/% 128^(0:8) %% 128, 1)
  } else {
    count <- 1
    while (x >= 128^count) count <- count + 1
    digits <- x %/% 128^(seq_len(count) - 1) %% 128
  }
  last <- length(digits)
  digits[-last] <- digits[-last] + 128
  as.raw(digits)
}

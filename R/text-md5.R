# The MD5 sum of strings (RFC 1321), for text_hashing_trick(): all words at
# once, 32-bit words as doubles.

# A matrix of bytes [16, string].
md5_bytes <- function(strings) {
  bytes <- lapply(enc2utf8(strings), function(s) as.integer(charToRaw(s)))
  padded <- lapply(bytes, pad_bytes)
  out <- matrix(0L, 16, length(strings))
  # Strings of as many blocks go through the rounds together.
  for (these in split(seq_along(strings), lengths(padded))) {
    out[, these] <- md5_of_bytes(do.call(cbind, padded[these]))
  }
  out
}

pad_bytes <- function(bytes) {
  n <- length(bytes)
  c(bytes, 128, rep(0, (55 - n) %% 64), floor(n * 8 / 256^(0:7)) %% 256)
}

md5_turns <- rep(c(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21),
                 4)[c(rep(1:4, 4), rep(5:8, 4), rep(9:12, 4), rep(13:16, 4))]

md5_constants <- floor(abs(sin(1:64)) * 2^32)

md5_places <- c(0:15, (5 * 0:15 + 1) %% 16, (3 * 0:15 + 5) %% 16,
                (7 * 0:15) %% 16) + 1

md5_start <- c(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476)

# Of padded strings, one per column.
md5_of_bytes <- function(bytes) {
  n <- ncol(bytes)
  words <- array(colSums(array(bytes * 256^(0:3), c(4, length(bytes) / 4))),
                 c(16, nrow(bytes) / 64, n))
  state <- matrix(md5_start, n, 4, byrow = TRUE)
  for (block in seq_len(dim(words)[2])) {
    turned <- md5_rounds(matrix(words[, block, ], 16), state)
    state <- (state + turned) %% 2^32
  }
  bytes <- outer(t(state), 256^(0:3), function(s, p) floor(s / p) %% 256)
  array(as.integer(aperm(bytes, c(3, 1, 2))), c(16, n))
}

md5_rounds <- function(block, state) {
  a <- state[, 1]
  b <- state[, 2]
  c <- state[, 3]
  d <- state[, 4]
  for (i in 1:64) {
    f <- switch((i - 1) %/% 16 + 1,
      or32(and32(b, c), and32(not32(b), d)),
      or32(and32(d, b), and32(not32(d), c)),
      xor32(xor32(b, c), d),
      xor32(c, or32(b, not32(d)))
    )
    f <- (f + a + md5_constants[i] + block[md5_places[i], ]) %% 2^32
    turn <- 2^md5_turns[i]
    turned <- (f * turn) %% 2^32 + floor(f / (2^32 / turn))
    a <- d
    d <- c
    c <- b
    b <- (b + turned) %% 2^32
  }
  cbind(a, b, c, d, deparse.level = 0)
}

# R's bitwise functions take 32-bit numbers only as signed integers; halves of
# 16 bits are safe, among them what would be NA.
by_halves <- function(f, x, y) {
  f(as.integer(x %/% 65536), as.integer(y %/% 65536)) * 65536 +
    f(as.integer(x %% 65536), as.integer(y %% 65536))
}
and32 <- function(x, y) by_halves(bitwAnd, x, y)
or32 <- function(x, y) by_halves(bitwOr, x, y)
xor32 <- function(x, y) by_halves(bitwXor, x, y)
not32 <- function(x) 4294967295 - x

# The sums, read as numbers of 128 bits with the first byte highest, modulo `n`.
bytes_modulo <- function(bytes, n) {
  rest <- numeric(ncol(bytes))
  for (k in seq_len(nrow(bytes))) rest <- (rest * 256 + bytes[k, ]) %% n
  rest
}

# The same on all ranks: sums over them, and what one of them has.

# From here on, a sum is put together from pieces; see sum_pieces().
short_message <- 2048L

# ---- sums --------------------------------------------------------------------

# The sum over all ranks of a vector of doubles, with the same bits on all.
sum_ranks <- function(comm, x) {
  if (comm$size == 1L) return(x)
  own <- numeric(length(x))
  cpp_piece_take(x, 0, own)
  sum_in_place(comm, own)
}

# The same in the memory of `x`, which nobody else may hold. The first `pairs`
# numbers hold two floats each, see cpp_piece_put().
sum_in_place <- function(comm, x, pairs = 0) {
  if (comm$size == 1L) return(x)
  route <- comm$route
  if (!is.null(route$above)) {
    send_to(comm, x, route$above)
    receive_from(comm, route$above, x)
    return(x)
  }
  if (!is.null(route$below)) {
    got <- spare(comm, length(x))
    receive_from(comm, route$below, got)
    cpp_piece_put(x, 0, got, TRUE, pairs)
  }
  if (length(x) < short_message || length(route$peers) == 1L) {
    sum_whole(comm, x, pairs)
  } else {
    sum_pieces(comm, x, pairs)
  }
  if (!is.null(route$below)) send_to(comm, x, route$below)
  x
}

# With whom this rank swaps, in order: neighbours first. `lower` says who of the
# two has the lower number. Ranks beyond a power of 2 lend their numbers to a
# neighbour, `above`, and get the sum from it.
sum_route <- function(rank, size) {
  main <- 2L^floor(log2(size))
  extra <- size - main
  paired <- rank < 2L * extra
  if (paired && rank %% 2L == 0L) return(list(above = rank + 1L))
  me <- if (paired) rank %/% 2L else rank - extra
  real <- function(k) if (k < extra) 2L * k + 1L else k + extra
  distances <- 2L^(seq_len(log2(main)) - 1L)
  list(
    below = if (paired) rank - 1L,
    peers = vapply(distances, function(d) real(bitwXor(me, d)), 1),
    lower = bitwAnd(me, distances) == 0L
  )
}

# Memory for so many numbers, used again and again: fresh memory costs more than
# the way from one process to the next. There is one for each `use`.
spare <- function(comm, count, use = "coming") {
  key <- paste(use, count)
  if (is.null(comm$spare[[key]])) assign(key, numeric(count), comm$spare)
  comm$spare[[key]]
}

# By recursive doubling: a sum of two is the same in either order.
sum_whole <- function(comm, x, pairs) {
  got <- spare(comm, length(x))
  for (peer in comm$route$peers) {
    exchange(comm, x, got, peer)
    cpp_piece_put(x, 0, got, TRUE, pairs)
  }
}

# By recursive halving and doubling (Thakur, Rabenseifner, Gropp 2005): each
# rank adds up the piece that is its own, then the pieces are handed round, so
# that 2 (n - 1) / n of the vector are sent, however many ranks there are.
sum_pieces <- function(comm, x, pairs) {
  peers <- rev(comm$route$peers)
  lower <- rev(comm$route$lower)
  mine <- c(0, length(x))
  swapped <- vector("list", length(peers))
  for (k in seq_along(peers)) {
    middle <- (mine[1] + mine[2]) %/% 2
    halves <- list(c(mine[1], middle), c(middle, mine[2]))
    mine <- halves[[2L - lower[k]]]
    swapped[[k]] <- list(keep = mine, give = halves[[1L + lower[k]]])
    got <- exchange_pieces(comm, x, swapped[[k]]$give, mine, peers[k])
    cpp_piece_put(x, mine[1], got, TRUE, pairs)
  }
  for (k in rev(seq_along(peers))) {
    give <- swapped[[k]]$give
    got <- exchange_pieces(comm, x, swapped[[k]]$keep, give, peers[k])
    cpp_piece_put(x, give[1], got, FALSE, 0)
  }
}

# A piece is c(from, to), counted from 0.
exchange_pieces <- function(comm, x, give, take, peer) {
  going <- spare(comm, give[2] - give[1], "going")
  got <- spare(comm, take[2] - take[1])
  cpp_piece_take(x, give[1], going)
  exchange(comm, going, got, peer)
  got
}

# ---- what one rank has -------------------------------------------------------

# The object that `root` has, on all ranks, down a binomial tree.
from_rank <- function(comm, object = NULL, root = 0L) {
  if (comm$size == 1L) return(object)
  me <- (comm$rank - root) %% comm$size
  real <- function(k) (k + root) %% comm$size
  bytes <- if (me == 0L) serialize(object, NULL, xdr = FALSE)
  distance <- 1L
  while (distance <= me) distance <- distance * 2L
  if (me > 0L) {
    above <- real(me - distance %/% 2L)
    count <- receive_from(comm, above, numeric(1L))
    bytes <- receive_from(comm, above, raw(count))
  }
  while (me + distance < comm$size) {
    send_to(comm, as.double(length(bytes)), real(me + distance))
    send_to(comm, bytes, real(me + distance))
    distance <- distance * 2L
  }
  if (me == 0L) object else unserialize(bytes)
}

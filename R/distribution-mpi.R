# Ranks that talk over MPI by Rmpi. Everything is a pair of a message that goes
# and one that comes, neither of which blocks, so that a rank that has died or
# hangs is noticed in time: MPI's own collective calls would wait for it forever.

# ---- joining -----------------------------------------------------------------

mpi_comm <- 0L
data_tag <- 1L
failure_tag <- 2L
# From here on, a sum is put together from pieces; see sum_pieces().
short_message <- 2048L

# This process among the ranks of `mpirun`. Joined once in a session.
mpi_ranks <- function() {
  if (is.null(the$mpi)) {
    require_mpi()
    the$mpi <- list(rank = Rmpi::mpi.comm.rank(mpi_comm),
                    size = Rmpi::mpi.comm.size(mpi_comm))
    the$mpi_state <- new.env(parent = emptyenv())
    the$mpi_state$broken <- FALSE
    Rmpi::mpi.comm.set.errhandler(mpi_comm)
    reg.finalizer(the$mpi_state, leave_mpi, onexit = TRUE)
    share_processors()
  }
  if (the$mpi_state$broken) {
    abort_distribution(paste("Ranks have been lost in this session: start it",
                             "again with mpirun."))
  }
  the$mpi
}

require_mpi <- function() {
  if (!nzchar(system.file(package = "Rmpi"))) {
    abort_state(paste(
      "Training on several ranks needs the package Rmpi and an MPI, such as",
      "r-cran-rmpi, openmpi-bin and libopenmpi-dev of Debian."
    ))
  }
  if ("Rmpi" %in% loadedNamespaces()) return(invisible())
  if (!started_by_mpi()) {
    abort_state(paste(
      "MPI is not running: start the script by mpirun, such as",
      "`mpirun -n 4 Rscript train.R`."
    ))
  }
  # Rmpi prints its environment while it is loaded.
  wrong <- tryCatch({
    utils::capture.output(loadNamespace("Rmpi"))
    NULL
  }, error = conditionMessage)
  if (!is.null(wrong)) {
    abort_state(paste0("Rmpi could not be loaded: ", wrong))
  }
}

# What Open MPI, MPICH and its kin, and Slurm's srun say to the processes that
# they start.
started_by_mpi <- function() {
  any(nzchar(Sys.getenv(c("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMI_RANK",
                          "PMIX_RANK", "MPI_LOCALNRANKS"))))
}

# Ranks on one machine share its processors, unless the user has said how many
# threads each gets.
share_processors <- function() {
  given <- c(Sys.getenv("ELMAN_NUM_THREADS"), getOption("elman.threads"))
  neighbours <- as.integer(Sys.getenv(c("OMPI_COMM_WORLD_LOCAL_SIZE",
                                        "MPI_LOCALNRANKS"), NA))
  neighbours <- neighbours[!is.na(neighbours)]
  if (any(nzchar(given)) || !length(neighbours)) return(invisible())
  cpp_threads_default(max(1L, cpp_threads() %/% neighbours[1]))
}

# At the end of the session. MPI's goodbye waits for all ranks; where one is
# lost none is said, mpirun then ends the others, and they get a moment to say
# why they stop.
leave_mpi <- function(state) {
  if (state$broken) Sys.sleep(1) else Rmpi::mpi.finalize()
}

abort_distribution <- function(message) {
  abort_elman(message, "elman_error_distribution")
}

# ---- messages ----------------------------------------------------------------

# A communicator: this rank, how many there are, and how long to wait.
new_communicator <- function(timeout) {
  ranks <- mpi_ranks()
  list(rank = ranks$rank, size = ranks$size, timeout = timeout)
}

# Types by Rmpi's numbers: 2 for double, 4 for raw.
start_receiving <- function(to, from) {
  Rmpi::mpi.irecv(to, if (is.raw(to)) 4L else 2L, from, data_tag, mpi_comm, 0L)
}

start_sending <- function(x, to, tag = data_tag, request = 1L) {
  Rmpi::mpi.isend(x, if (is.raw(x)) 4L else 2L, to, tag, mpi_comm, request)
}

# `x` is a plain vector of doubles or bytes. Gives a vector of `count` of them.
exchange <- function(comm, x, count, peer) {
  got <- vector(typeof(x), count)
  start_receiving(got, peer)
  start_sending(x, peer)
  wait_for(comm, 0L, peer, got)
  wait_for(comm, 1L, peer, x)
  got
}

send_to <- function(comm, x, peer) {
  start_sending(x, peer)
  wait_for(comm, 1L, peer, x)
}

receive_from <- function(comm, type, count, peer) {
  got <- vector(type, count)
  start_receiving(got, peer)
  wait_for(comm, 0L, peer, got)
  got
}

# Until the message is through. `memory` is what MPI reads or writes meanwhile:
# given up, it is kept for good, because a late message still goes there.
wait_for <- function(comm, request, peer, memory) {
  begun <- NULL
  turns <- 0L
  while (!Rmpi::mpi.test(request, 0L)) {
    turns <- turns + 1L
    if (turns %% 64L) next
    now <- proc.time()[[3L]]
    if (is.null(begun)) begun <- now
    wrong <- failure_of_others(comm)
    if (is.null(wrong) && now - begun > comm$timeout) {
      wrong <- sprintf("Nothing came from rank %d within %s seconds.", peer,
                       format(comm$timeout))
    }
    if (!is.null(wrong)) {
      the$mpi_state$broken <- TRUE
      the$mpi_state$memory <- c(the$mpi_state$memory, list(memory))
      abort_distribution(wrong)
    }
    # Who waits for long lets others have the processor.
    if (now - begun > 0.001) Sys.sleep(1e-4)
  }
}

# ---- bad news ----------------------------------------------------------------

failure_of_others <- function(comm) {
  heard <- Rmpi::mpi.iprobe(Rmpi::mpi.any.source(), failure_tag, mpi_comm, 1L)
  if (!heard) return(NULL)
  from <- Rmpi::mpi.get.sourcetag(1L)[1]
  news <- raw(Rmpi::mpi.get.count(4L, 1L))
  Rmpi::mpi.irecv(news, 4L, from, failure_tag, mpi_comm, 2L)
  while (!Rmpi::mpi.test(2L, 0L)) NULL
  sprintf("Rank %d has stopped: %s", from, unserialize(news))
}

# Tells all others why this rank goes; nobody waits for an answer.
tell_failure <- function(comm, why) {
  if (comm$size == 1L) return(invisible())
  the$mpi_state$broken <- TRUE
  news <- serialize(why, NULL)
  the$mpi_state$memory <- c(the$mpi_state$memory, list(news))
  for (peer in setdiff(seq_len(comm$size) - 1L, comm$rank)) {
    try(start_sending(news, peer, failure_tag, 3L + peer %% 1000L), TRUE)
  }
  invisible()
}

# ---- the same on all ranks ---------------------------------------------------

# The sum over all ranks of a vector of doubles, with the same bits on all.
# Ranks beyond a power of 2 lend theirs to a neighbour first.
sum_ranks <- function(comm, x) {
  if (comm$size == 1L) return(x)
  main <- 2L^floor(log2(comm$size))
  extra <- comm$size - main
  paired <- comm$rank < 2L * extra
  if (paired && comm$rank %% 2L == 0L) {
    send_to(comm, x, comm$rank + 1L)
    return(receive_from(comm, "double", length(x), comm$rank + 1L))
  }
  if (paired) {
    x <- x + receive_from(comm, "double", length(x), comm$rank - 1L)
  }
  me <- if (paired) comm$rank %/% 2L else comm$rank - extra
  real <- function(k) if (k < extra) 2L * k + 1L else k + extra
  distances <- 2L^(seq_len(log2(main)) - 1L)
  peers <- vapply(distances, function(d) real(bitwXor(me, d)), 1)
  lower <- bitwAnd(me, distances) == 0L
  whole <- length(x) < short_message || main == 2L
  x <- if (whole) sum_whole(comm, x, peers) else
    sum_pieces(comm, x, rev(peers), rev(lower))
  if (paired) send_to(comm, x, comm$rank - 1L)
  x
}

# By recursive doubling: a sum of two is the same in either order.
sum_whole <- function(comm, x, peers) {
  for (peer in peers) x <- x + exchange(comm, x, length(x), peer)
  x
}

# By recursive halving and doubling (Thakur, Rabenseifner, Gropp 2005): each rank
# adds up the piece that is its own, then the pieces are handed round, so that
# 2 (n - 1) / n of the vector are sent, however many ranks there are.
sum_pieces <- function(comm, x, peers, lower) {
  x <- cpp_piece(x, 0, length(x))
  mine <- c(0, length(x))
  swapped <- vector("list", length(peers))
  for (k in seq_along(peers)) {
    middle <- (mine[1] + mine[2]) %/% 2
    halves <- list(c(mine[1], middle), c(middle, mine[2]))
    mine <- halves[[2L - lower[k]]]
    swapped[[k]] <- list(keep = mine, give = halves[[1L + lower[k]]])
    got <- exchange_pieces(comm, x, swapped[[k]]$give, mine, peers[k])
    cpp_piece_put(x, mine[1], got, TRUE)
  }
  for (k in rev(seq_along(peers))) {
    give <- swapped[[k]]$give
    got <- exchange_pieces(comm, x, swapped[[k]]$keep, give, peers[k])
    cpp_piece_put(x, give[1], got, FALSE)
  }
  x
}

# A piece is c(from, to), counted from 0.
exchange_pieces <- function(comm, x, give, take, peer) {
  exchange(comm, cpp_piece(x, give[1], give[2] - give[1]), take[2] - take[1],
           peer)
}

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
    count <- receive_from(comm, "double", 1L, above)
    bytes <- receive_from(comm, "raw", count, above)
  }
  while (me + distance < comm$size) {
    send_to(comm, as.double(length(bytes)), real(me + distance))
    send_to(comm, bytes, real(me + distance))
    distance <- distance * 2L
  }
  if (me == 0L) object else unserialize(bytes)
}

# Ranks that talk over MPI by Rmpi. Everything is a pair of a message that goes
# and one that comes, neither of which blocks, so that a rank that has died or
# hangs is noticed in time: MPI's own collective calls would wait for it
# forever.

# ---- joining -----------------------------------------------------------------

mpi_comm <- 0L
data_tag <- 1L
failure_tag <- 2L

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
  list(rank = ranks$rank, size = ranks$size, timeout = timeout,
       route = sum_route(ranks$rank, ranks$size), spare = new.env())
}

# Types by Rmpi's numbers: 2 for double, 4 for raw.
start_receiving <- function(to, from) {
  Rmpi::mpi.irecv(to, if (is.raw(to)) 4L else 2L, from, data_tag, mpi_comm, 0L)
}

start_sending <- function(x, to, tag = data_tag, request = 1L) {
  Rmpi::mpi.isend(x, if (is.raw(x)) 4L else 2L, to, tag, mpi_comm, request)
}

# `x`, a plain vector of doubles or bytes, goes; what comes is put into `got`.
exchange <- function(comm, x, got, peer) {
  start_receiving(got, peer)
  start_sending(x, peer)
  wait_for(comm, 0L, peer, got)
  wait_for(comm, 1L, peer, x)
}

send_to <- function(comm, x, peer) {
  start_sending(x, peer)
  wait_for(comm, 1L, peer, x)
}

receive_from <- function(comm, peer, got) {
  start_receiving(got, peer)
  wait_for(comm, 0L, peer, got)
  got
}

# Until the message is through. `memory` is what MPI reads or writes meanwhile:
# given up, it is kept for good, because a late message still goes there.
wait_for <- function(comm, request, peer, memory) {
  test <- Rmpi::mpi.test
  # MPI moves long messages on only while it is asked.
  for (turn in 1:200) if (test(request, 0L)) return(invisible())
  begun <- proc.time()[[3L]]
  repeat {
    for (turn in 1:20) if (test(request, 0L)) return(invisible())
    waited <- proc.time()[[3L]] - begun
    wrong <- failure_of_others(comm)
    if (is.null(wrong) && waited > comm$timeout) {
      wrong <- sprintf("Nothing came from rank %d within %s seconds.", peer,
                       format(comm$timeout))
    }
    if (!is.null(wrong)) {
      the$mpi_state$broken <- TRUE
      the$mpi_state$memory <- c(the$mpi_state$memory, list(memory))
      abort_distribution(wrong)
    }
    # Others may have the processor; who waits for long does not even ask.
    if (waited < 0.05) cpp_yield() else Sys.sleep(1e-4)
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

# What users say about training on several ranks.

#' Train on several processes and machines
#'
#' `mpirun -n 4 Rscript train.R` runs a script four times, as ranks 0 to 3. With
#' `fit(..., distribution = distribution_data_parallel())`, or after
#' `set_distribution(distribution_data_parallel())`, the ranks train one model
#' together: each takes its rows of every batch, gradients are added up over
#' ranks, and all make the same update. The script is that of a single process,
#' and so are its numbers, but for the order of additions.
#'
#' @param device_mesh,devices Must be `NULL`: the ranks are those that `mpirun`
#'   has started.
#' @param auto_shard_dataset `TRUE` where every rank has all data, such as an
#'   array that the script reads, or a generator that gives the same batches
#'   everywhere: rank r takes the r-th part of every batch, without copying the
#'   others. `FALSE` where every rank has data of its own: a batch is then what
#'   all ranks give together, in their order, until the data of all have ended.
#' @param ... None; a trailing comma is forgiven.
#' @param sync_every Number of steps from one exchange to the next. At 1 all is
#'   as in a single process. Above, ranks make updates of their own from their
#'   shards and go on from the mean of their weights, and of what their
#'   optimizers keep, after so many steps and at the end of each epoch: less to
#'   send, and other numbers, which depend on the number of ranks.
#' @param timeout Seconds to wait for another rank before it is taken for lost.
#'   Give it more than the longest time that ranks may be apart, such as for a
#'   callback or for reading data.
#' @param value A distribution, or `NULL` for none.
#' @return `distribution_data_parallel()` a distribution; `set_distribution()`
#'   the one that was set before, invisibly.
#' @details
#' The loss of a batch is the sum over all ranks divided by what the whole batch
#' has of samples, unmasked steps or weights, so that batches that do not
#' divide, smaller last batches (also with fewer samples than ranks), masks,
#' sample and class weights are exact. So are metrics, which are added up as
#' statistics, and penalties, which count once. Dropout and noise belong to
#' samples, whichever rank has them. A step adds up one vector over ranks:
#' gradients in their own precision, losses and statistics in double. (Two or
#' more losses of which one has a mask need a second, short one, and a look at
#' the masks before.)
#'
#' What looks at a whole batch sees all of its rows: losses and metrics that are
#' functions or classes of your own get the targets and outputs of all ranks,
#' and batch normalization takes its mean and variance over all of them,
#' whatever its `synchronized`. That is exact as well, but ranks exchange more
#' within such a step: outputs and targets for each loss and metric, three short
#' sums for each normalization and as many for its gradients. Steps with such
#' losses or normalizations run as they are written, which takes longer for
#' small models.
#'
#' Rank 0 says how all begin: its weights, its random numbers. Callbacks run on
#' rank 0 only, and so do bars and lines; what callbacks do at the end of an
#' epoch, to the model, its optimizer or `stop_training`, reaches all ranks
#' before the next one, a new learning rate or an end of training after any
#' batch. The history and the trained model are the same on all ranks; write
#' files by a callback, or where `Rmpi::mpi.comm.rank(0) == 0`.
#'
#' Ranks on one machine share its processors: where no number of threads is set
#' (see [elman_threads()]), each gets its part. Open MPI ties a rank to a single
#' processor unless it is told `--bind-to none`.
#'
#' A step that is not `fit()`'s is not shared: `train_on_batch()`, `evaluate()`
#' and `predict()` do all that they are given on the rank that calls them.
#' Models of [Model()] whose `train_step()`, `compute_loss()` or the like is
#' their own are refused: what that does to a part of a batch (a mean, a ratio,
#' a second look at the weights) need not add up to what it does to all of it,
#' and nothing in it says where ranks should meet. What it is mostly written for
#' goes to [compile()] and is exact there: losses and metrics of your own, also
#' of pairs of samples, and accumulated or clipped gradients of the optimizer.
#'
#' A rank that fails tells the others, who stop with its message. One that dies
#' or hangs is noticed after `timeout` seconds. `mpirun` itself ends all ranks
#' when one is killed; `--enable-recovery` lets them say why they stop. To go on
#' after a failure, start the script again with [callback_backup_and_restore()].
#' @section Errors: `elman_error_state` where Rmpi is not installed or the
#'   script was not started by `mpirun`; `elman_error_argument` for batches with
#'   fewer samples than ranks, for ranks whose models, data or arguments differ,
#'   found before the first step, and for what parts of a batch do not make up:
#'   models with steps or `metrics` of their own, losses without reduction,
#'   activity regularizers of your own, and metric classes of your own where
#'   `sync_every` is above 1; `elman_error_distribution` for ranks that have
#'   failed, died or hung. After this one, training on several ranks needs a new
#'   session.
#' @section Compatibility: Keras's `DataParallel` and `set_distribution()`,
#'   which keras3 does not have, act on the devices of one process or on those
#'   of processes that `jax` has joined. Layers of your own must treat samples
#'   one by one, and random numbers that they draw themselves do not belong to
#'   samples. With `sync_every` above 1, losses, metrics of functions and batch
#'   normalization see the rows of their rank alone.
#' @source Thakur, Rabenseifner and Gropp (2005)
#'   \doi{10.1177/1094342005051521} for sums over ranks; Stich (2019)
#'   <https://arxiv.org/abs/1805.09767> for `sync_every`.
#' @examples
#' # Where mpirun has not started the script, fit() says so.
#' distribution_data_parallel(timeout = 60)
#' @export
distribution_data_parallel <- function(device_mesh = NULL, devices = NULL,
                                       auto_shard_dataset = TRUE, ...,
                                       sync_every = 1L, timeout = 300) {
  check_dots(..., .known = c("sync_every", "timeout"))
  if (!is.null(device_mesh)) must_be(device_mesh, "device_mesh", "NULL")
  if (!is.null(devices)) must_be(devices, "devices", "NULL")
  structure(list(
    auto_shard_dataset = check_flag(auto_shard_dataset, "auto_shard_dataset"),
    sync_every = check_count(sync_every, "sync_every"),
    timeout = check_positive(timeout, "timeout")
  ), class = "elman_distribution")
}

#' @rdname distribution_data_parallel
#' @export
set_distribution <- function(value) {
  if (missing(value)) must_be_given("value", "a distribution or NULL")
  old <- the$distribution
  the$distribution <- check_distribution(value, "value")
  invisible(old)
}

check_distribution <- function(x, arg = "distribution") {
  if (is.null(x) || inherits(x, "elman_distribution")) return(x)
  must_be(x, arg, "a distribution or NULL")
}

#' @export
print.elman_distribution <- function(x, ...) {
  cat(sprintf("<distribution_data_parallel: sync_every = %d, timeout = %s>\n",
              x$sync_every, format(x$timeout)))
  invisible(x)
}

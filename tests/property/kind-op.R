# Operations on arrays of any shape: the numbers of plain R, and of their
# gradients those of differences of plain R. The cases are those that Keras is
# asked about, so every argument is drawn; a spoilt one is refused or is whole.
source("tests/property/reference-ops.R")
source("tests/property/reference-products.R")

live <- new.env()
live$live_kinds <- list()
for (file in c("draws", "kind-op", "kind-loss", "kind-metric")) {
  sys.source(sprintf("tests/live/%s.R", file), live)
}

# A case depends on its number alone, not on those before it.
live$next_loss <- function() one_of(names(live$loss_settings))
live$next_metric <- function() one_of(names(live$metric_settings))

op_text <- function(case) {
  show_call(paste0("op_", case$name),
            Filter(length, c(case$x, case$ints, case$arguments)))
}

# The weights by which live$answers() adds outputs up stand in row-major order.
weighted <- function(y) {
  sum(by_row(y) * cos(seq_along(y) - 1))
}

reference_of <- function(case) {
  f <- op_references[[case$name]]
  if (is.null(f)) return(NULL)
  if (case$name == "multi_hot" && length(dim(case$ints[[1]])) != 2L) {
    return(NULL)
  }
  function(x) {
    y <- f(x, case$ints, case$arguments)
    lapply(if (is.list(y)) y else list(y), function(one) {
      one <- array(as.double(one), dims_of(one))
      if (case$post == "square") one^2 else one
    })
  }
}

slope_of <- function(total, x, k, at) {
  step <- 1e-5 * max(1, abs(x[[k]][at]))
  moved <- function(by) {
    x[[k]][at] <- x[[k]][at] + by
    total(x)
  }
  (moved(step) - moved(-step)) / (2 * step)
}

check_slopes <- function(case, got, reference) {
  total <- function(x) sum(vapply(reference(x), weighted, 1))
  for (k in seq_along(case$x)) {
    slope <- got[[paste("slope", k)]]
    if (is.null(slope) || !length(slope)) next
    for (at in sample.int(length(slope), min(2, length(slope)))) {
      want <- slope_of(total, case$x, k, at)
      if (!is.finite(want)) next
      if (abs(slope[at] - want) > 1e-5 * max(1, abs(slope), abs(want))) {
        complain("the slope of argument ", k, " is ", slope[at], ", not ", want)
      }
    }
  }
}

# Discrete ones have steps, of which differences know nothing.
steps <- c("floor", "ceil", "trunc", "sign", "heaviside", "isclose", "greater",
           "less_equal", "argsort", "digitize", "searchsorted", "signbit",
           "angle", "count_nonzero", "in_top_k", "imag", "power")

run_op <- function(describe) {
  case <- c(list(name = one_of(names(live$op_draws))), NULL)
  case <- c(case, live$op_draws[[case$name]]())
  if (chance(0.25)) return(run_spoilt(case, describe))
  describe(op_text(case))
  config_set_floatx("float64")
  got <- value_of(live$op_results(case))
  config_set_floatx("float32")
  outputs <- got[grepl("^output", names(got))]
  reference <- reference_of(case)
  if (is.null(reference)) {
    lapply(outputs, function(y) {
      if (anyNA(y)) complain("numbers give NaN")
    })
    return()
  }
  want <- reference(case$x)
  if (length(want) != length(outputs)) complain("another number of outputs")
  Map(function(y, w) must_agree(y, w, 1e-9), outputs, want)
  if (!case$flat && !case$name %in% steps) check_slopes(case, got, reference)
}

# The operation alone, as live$op_results() calls it.
op_alone <- function(case) {
  f <- live$op_programs[[case$name]]
  if (is.null(f)) f <- getExportedValue("elman", paste0("op_", case$name))
  given <- list()
  at <- c(x = 0, i = 0)
  for (kind in strsplit(case$inputs, "")[[1]]) {
    at[kind] <- at[kind] + 1
    from <- if (kind == "x") case$x else case$ints
    given <- c(given, if (at[kind] <= length(from)) from[at[kind]])
  }
  arguments <- Filter(Negate(is.null), case$arguments)
  do.call(f, switch(case$style, list = c(list(given), arguments),
                    after = c(unname(arguments[1]), given, arguments[-1]),
                    c(given, arguments)), quote = TRUE)
}

# Programs are not the package's own: wrong input is none of their business.
run_spoilt <- function(case, describe) {
  if (!is.null(live$op_programs[[case$name]])) return()
  spoil <- function(x) {
    if (!length(x)) return(x)
    at <- sample.int(length(x), 1L)
    x[at] <- if (chance(0.5)) draw_hostile() else
      list(one_of(list(0L, 9L, -9L, some_array(), array(0, c(0, 2)))))
    x
  }
  part <- one_of(c("x", "ints", "arguments", "arguments"))
  case[[part]] <- spoil(case[[part]])
  describe(op_text(case))
  out <- outcome_of(op_alone(case))
  if (is.null(out$refused)) must_be_whole(out$value)
}

property_kinds$op <- list(share = 6, run = run_op)

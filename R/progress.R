# What training prints: a bar with the time left on a terminal, one line per
# epoch elsewhere, nothing in tests.

# 0 (nothing), 1 (a bar) or 2 (lines): "auto" is 2 in knitr, 0 under testthat,
# else 1.
resolve_verbose <- function(verbose) {
  if (identical(verbose, "auto")) {
    if (identical(Sys.getenv("TESTTHAT"), "true")) return(0L)
    if (isTRUE(getOption("knitr.in.progress"))) return(2L)
    return(1L)
  }
  if (is.logical(verbose) && length(verbose) == 1L && !is.na(verbose)) {
    return(as.integer(verbose))
  }
  if (!is_whole(verbose) || !verbose %in% 0:2) {
    must_be(verbose, "verbose", "\"auto\", 0, 1 or 2")
  }
  as.integer(verbose)
}

# Prints the steps of one pass over the data. `steps` may be NA: not known.
Progress <- R6::R6Class(
  "Progress",
  cloneable = FALSE,
  public = list(
    verbose = NULL,
    steps = NULL,
    live = NULL,
    start = NULL,
    after_first = NULL,
    shown = 0,
    width = 0L,

    initialize = function(verbose, steps, live = isatty(stdout())) {
      self$verbose <- verbose
      self$steps <- steps
      self$live <- live && verbose == 1L
      self$start <- self$now()
    },

    now = function() proc.time()[[3]],

    # After each step; at most twenty lines a second reach the terminal.
    step = function(done, logs) {
      now <- self$now()
      if (done == 1L) self$after_first <- now
      if (!self$live || now - self$shown < 0.05) return(invisible())
      self$shown <- now
      self$put(self$line(done, logs, now, last = FALSE))
    },

    finish = function(done, logs) {
      if (self$verbose == 0L) return(invisible())
      if (self$verbose == 1L) {
        self$put(self$line(done, logs, self$now(), last = TRUE))
        cat("\n")
      } else {
        cat(self$plain_line(done, logs, self$now()), "\n", sep = "")
      }
      utils::flush.console()
    },

    put = function(line) {
      pad <- strrep(" ", max(0L, self$width - cli::ansi_nchar(line)))
      self$width <- cli::ansi_nchar(line)
      cat(if (self$live) "\r", line, pad, sep = "")
      utils::flush.console()
    },

    # Such as "3/10 ━━━━━━━━━━━━━━━━━━━━ 1s 140ms/step - loss: 0.3210"
    line = function(done, logs, now, last) {
      each <- self$seconds_per_step(done, now)
      total <- if (is.na(self$steps)) done else self$steps
      time <- if (last) now - self$start else each * (total - done)
      paste0(format_count(done, self$steps), " ", bar(done, total), " ",
             cli::style_bold(format_left(time)), " ", format_each(each),
             format_logs(logs))
    },

    # Such as "10/10 - 2s - 219ms/step - loss: 0.3210"
    plain_line = function(done, logs, now) {
      paste0(format_count(done, self$steps), " - ",
             sprintf("%.0fs", now - self$start), " - ",
             format_each(self$seconds_per_step(done, now)), format_logs(logs))
    },

    # The first step is slower than the others and left out where possible.
    seconds_per_step = function(done, now) {
      if (done < 1L) return(0)
      if (done > 1L && !is.null(self$after_first)) {
        return((now - self$after_first) / (done - 1L))
      }
      (now - self$start) / done
    }
  )
)

bar <- function(done, total, width = 20L) {
  full <- if (total > 0) floor(width * done / total) else width
  full <- min(full, width)
  mark <- if (cli::is_utf8_output()) "\u2501" else "="
  paste0(cli::col_green(strrep(mark, full)),
         cli::col_silver(strrep(mark, width - full)))
}

format_count <- function(done, steps) {
  if (is.na(steps)) return(format(done))
  paste0(formatC(done, width = nchar(steps)), "/", steps)
}

# Such as "1:15" for 75.
format_left <- function(seconds) {
  seconds <- as.integer(round(seconds))
  if (seconds >= 3600L) {
    return(sprintf("%d:%02d:%02d", seconds %/% 3600L,
                   (seconds %% 3600L) %/% 60L, seconds %% 60L))
  }
  if (seconds > 60L) {
    return(sprintf("%d:%02d", seconds %/% 60L, seconds %% 60L))
  }
  paste0(seconds, "s")
}

format_each <- function(seconds) {
  if (seconds >= 1 || seconds == 0) return(sprintf("%.0fs/step", seconds))
  if (seconds >= 1e-3) return(sprintf("%.0fms/step", seconds * 1e3))
  sprintf("%.0fus/step", seconds * 1e6)
}

# Of metrics with a number per class the mean is shown.
format_logs <- function(logs) {
  if (!length(logs)) return("")
  values <- vapply(logs, function(v) {
    v <- mean(as.numeric(v))
    sprintf(if (is.na(v) || abs(v) > 1e-3) "%.4f" else "%.4e", v)
  }, "")
  paste0(" - ", names(logs), ": ", values, collapse = "")
}

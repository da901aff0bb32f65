# The main job: forecasts the monthly sunspot numbers twelve months ahead with
# a simple recurrent network, beside baselines computed in the same run.
#
#   Rscript tools/demo.R            the table, and a picture in .build/demo
#   Rscript tools/demo.R choose     how the network was chosen
#
# Run it in the project's root; `sh tools/demo` sets everything up first. The
# task, the baselines and the network are in tools/sunspots.R.

source("tools/sunspots.R")

# ---- tables and the picture --------------------------------------------------

print_head <- function(text) {
  cat(formatC(text, width = -42),
      formatC(c(seq_along(slices), "mean"), width = 7), "\n", sep = "")
}

print_row <- function(name, scores, digits = 1) {
  scores <- unlist(scores)
  cells <- formatC(c(scores, mean(scores)), digits, width = 7, format = "f")
  cat(formatC(name, width = -42), cells, "\n", sep = "")
}

# One slice: a forecast from every twelfth origin, and the losses.
draw <- function(file, k, result) {
  judged <- split_slice(slices[k])$judged
  rehearsal <- train_network(split_slice(slices[k], TRUE), 1, design, TRUE)
  png(file, 1200, 900, res = 110)
  on.exit(dev.off())
  layout(matrix(c(1, 1, 2, 3), 2, byrow = TRUE))
  par(mar = c(4, 4.5, 3, 1), las = 1, bty = "l")
  year <- function(month) 1749 + (month - 1) / 12
  shown <- seq(min(judged), max(judged) + ahead)
  plot(year(shown), series[shown], type = "l", col = grey, xlab = "",
       ylab = "Sunspot number",
       main = sprintf("Slice %d: each line forecasts the next 12 months", k))
  for (i in seq(1, length(judged), by = ahead)) {
    lines(year(judged[i] + seq_len(ahead)), result$forecast[i, ], col = red,
          lwd = 2)
  }
  explain(c("observed", "forecast"), c(grey, red))
  draw_losses(result$losses, "Training, one line per network", blue)
  draw_losses(do.call(cbind, rehearsal$history$metrics),
              "Rehearsal within the training months", c(blue, red))
  explain(c("months 1 to 800, trained on", "months 801 to 1200"), c(blue, red))
}

draw_losses <- function(losses, title, colours) {
  matplot(losses, type = "l", lty = 1, lwd = 2, col = colours, log = "y",
          xlab = "Epoch", ylab = "Loss", main = title)
}

explain <- function(text, colours) {
  legend("topright", text, col = colours, lwd = 2, bty = "n")
}

grey <- "grey60"
red <- "#c0392b"
blue <- "#2c3e50"

# ---- the two jobs ------------------------------------------------------------

# Rehearsals within the training months of each slice: the network of the main
# job, and what one change makes of it. Slices overlap, so what later slices
# train on is tested in earlier ones; months 1 to 1200, slice 1's, never are.
choose <- function(seeds = 1:3) {
  print_head("Rehearsals on months 801 to 1200")
  for (penalty in c(0.01, 0.1, 1)) {
    print_row(
      paste("linear, 144 months, penalty", penalty), digits = 2,
      each_slice(\(split) {
        score(linear_map(split, 144, penalty = penalty), split$judged)
      }, rehearsal = TRUE)
    )
  }
  changes <- list(
    list(), list(linear = FALSE), list(units = 16), list(units = 64),
    list(recurrent_dropout = 0), list(recurrent_dropout = 0.4),
    list(penalty = 0.01), list(penalty = 1), list(years = 11),
    list(years = 16), list(epochs = 10), list(epochs = 40)
  )
  for (change in changes) {
    changed <- modifyList(design, change)
    print_row(
      trimws(paste("network", toString(paste(names(change), change)))),
      digits = 2,
      each_slice(\(split) train_networks(split, seeds, changed)$together,
                 rehearsal = TRUE)
    )
  }
}

forecast_sunspots <- function(seeds = 1:5, folder = ".build/demo") {
  cat("Training", length(seeds), "networks for each of", length(slices),
      "slices, in", processes, "processes of", elman_threads(), "thread\n\n")
  time <- system.time(
    results <- each_slice(\(split) train_networks(split, seeds, design))
  )
  row <- function(name, forecast) {
    print_row(name, each_slice(\(split) score(forecast(split), split$judged)))
  }
  print_head("Mean RMSE, 12 months ahead, slice")
  print_row("LSTM of 128 units, published in 2018", published)
  row("repeat the last month", repeat_last)
  row("linear, 12 months, trained on 800",
      \(split) linear_map(split, months = 800, root = FALSE))
  row("linear, 12 months, root scale", linear_map)
  row("autoregression (AIC), root scale", \(split) autoregression(split, "ols"))
  row("the same by Burg's method", \(split) autoregression(split, "burg"))
  row("linear, 144 months, root scale, penalty",
      \(split) linear_map(split, 144, penalty = 0.1))
  alone <- vapply(results, `[[`, numeric(length(seeds)), "alone")
  print_row("elman, one network: mean over seeds", colMeans(alone))
  print_row("elman, one network: deviation over seeds", apply(alone, 2, sd))
  print_row(sprintf("elman, mean of %d networks", length(seeds)),
            lapply(results, `[[`, "together"))
  cat("\nMean of all slices by seed:", sprintf("%.2f", rowMeans(alone)), "\n")
  cat(sprintf("Training took %.0f s, %.0f s of processor time\n",
              time[["elapsed"]], sum(time[-3])))
  dir.create(folder, showWarnings = FALSE, recursive = TRUE)
  file <- file.path(folder, "sunspots.png")
  draw(file, length(slices), results[[length(slices)]])
  cat("Picture of slice ", length(slices), " and of the losses: ", file, "\n",
      sep = "")
}

if ("choose" %in% commandArgs(trailingOnly = TRUE)) {
  choose()
} else {
  forecast_sunspots()
}

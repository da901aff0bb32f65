# Pictures of histories: ggplot2 where it is installed, else base graphics.

#' Plot a history
#'
#' One panel per metric, training and validation in two colours.
#'
#' @param x A history that [fit()] gave.
#' @param y Ignored.
#' @param metrics Names of the metrics to show; `NULL` shows all.
#' @param method `"ggplot2"`, `"base"`, or `"auto"`: ggplot2 where it is
#'   installed.
#' @param smooth Whether to draw a smooth line from 10 epochs on (ggplot2).
#' @param theme_bw Whether to use [ggplot2::theme_bw()].
#' @param ... None.
#' @return A ggplot; with base graphics `NULL`, invisibly.
#' @section Errors: `elman_error_argument` for an unknown metric.
#' @examples
#' model <- keras_model_sequential(input_shape = 2) |> layer_dense(units = 1)
#' compile(model, loss = "mse")
#' history <- fit(model, matrix(rnorm(40), 20), rnorm(20), epochs = 3,
#'                verbose = 0)
#' plot(history, method = "base")
#' @export
plot.keras_training_history <- function(
    x,
    y,
    metrics = NULL,
    method = c("auto", "ggplot2", "base"),
    smooth = getOption("keras.plot.history.smooth", TRUE),
    theme_bw = getOption("keras.plot.history.theme_bw", FALSE),
    ...) {
  method <- match_name(method[1], c("auto", "ggplot2", "base"), "method")
  if (method == "auto") {
    method <- if (requireNamespace("ggplot2", quietly = TRUE)) "ggplot2" else
      "base"
  }
  data <- as.data.frame(x)
  if (!is.null(metrics)) {
    for (name in metrics) match_name(name, levels(data$metric), "metric")
    data <- data[data$metric %in% metrics, ]
    data$metric <- droplevels(data$metric)
  }
  if (method == "ggplot2") return(ggplot_history(data, smooth, theme_bw))
  base_plot_history(data)
  invisible(NULL)
}

ggplot_history <- function(data, smooth, theme_bw) {
  epoch <- value <- NULL
  both <- length(unique(data$data)) > 1L
  aes <- if (both) {
    ggplot2::aes(epoch, value, colour = data, fill = data)
  } else {
    ggplot2::aes(epoch, value)
  }
  epochs <- max(data$epoch, 1L)
  plot <- ggplot2::ggplot(data, aes) +
    ggplot2::geom_point(shape = 21, col = 1, na.rm = TRUE) +
    ggplot2::facet_grid(metric ~ ., switch = "y", scales = "free_y") +
    ggplot2::scale_x_continuous(breaks = pretty(seq_len(epochs), 5)) +
    ggplot2::theme(axis.title.y = ggplot2::element_blank(),
                   strip.placement = "outside",
                   strip.text = ggplot2::element_text(colour = "black"),
                   strip.background = ggplot2::element_rect(fill = NA,
                                                            colour = NA))
  if (theme_bw) plot <- plot + ggplot2::theme_bw()
  if (smooth && epochs >= 10L) {
    plot <- plot + ggplot2::geom_smooth(se = FALSE, method = "loess",
                                        formula = y ~ x, na.rm = TRUE)
  } else {
    plot <- plot + ggplot2::geom_line(na.rm = TRUE)
  }
  plot
}

base_plot_history <- function(data) {
  metrics <- levels(data$metric)
  old <- graphics::par(mfrow = c(length(metrics), 1L), mar = c(3, 4, 1, 1),
                       mgp = c(2, 0.7, 0))
  on.exit(graphics::par(old))
  colours <- c(training = "#0072B2", validation = "#D55E00")
  for (metric in metrics) {
    shown <- data[data$metric == metric, ]
    graphics::plot(shown$epoch, shown$value, type = "n", xlab = "epoch",
                   ylab = metric)
    for (part in unique(as.character(shown$data))) {
      one <- shown[shown$data == part, ]
      graphics::lines(one$epoch, one$value, type = "b",
                      col = colours[[part]])
    }
    if (length(unique(shown$data)) > 1L) {
      graphics::legend("topright", names(colours), col = colours, lty = 1,
                       bty = "n")
    }
  }
}

# The package's own help page, its compiled code, and what it re-exports.

#' @details Where to begin:
#'
#' * `vignette("get-started")`, and the other vignettes: `vignette(package =
#'   "elman")`.
#' * [keras_model_sequential()] and [keras_model()] make models, `layer_*()`
#'   functions such as [layer_simple_rnn()] and [layer_lstm()] their layers;
#'   [compile()], [fit()], [evaluate()] and [predict()][predict.elman_model]
#'   train and use them.
#' * [compatibility] says what differs from keras3.
#' * `demo(package = "elman")`: short programs with their baselines.
#'
#' @examples
#' set.seed(1)
#' x <- array(rnorm(200), c(20, 5, 2))
#' model <- keras_model_sequential(input_shape = c(5, 2)) |>
#'   layer_simple_rnn(units = 4) |>
#'   layer_dense(units = 1)
#' model |> compile("adam", loss = "mse")
#' model |> fit(x, x[, 5, 1], epochs = 2, verbose = 0)
#' predict(model, x[1:2, , ], verbose = 0)
#' @keywords internal
"_PACKAGE"

#' @useDynLib elman, .registration = TRUE
#' @importFrom Rcpp evalCpp
#' @import rlang
#' @importFrom R6 R6Class
NULL

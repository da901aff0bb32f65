# Follows a series step by step: a network trained on whole sequences is given
# one month at a time, keeps its state between the calls, and after each month
# forecasts the change to the next. Its size was chosen by training on months 1
# to 2000 and judging on 2001 to 2400.

library(elman)

spots <- sqrt(as.numeric(sunspot.month)[1:3177]) / 4 - 1.5
known <- 2400

# ---- training: 120 months, and after each of them the change to the next

set.seed(1)
starts <- seq(1, known - 120, by = 5)
cut <- function(shift) {
  array(t(sapply(starts, \(start) spots[start + shift + 0:119])),
        c(length(starts), 120, 1))
}
model <- keras_model_sequential(input_shape = c(NA, 1)) |>
  layer_gru(units = 8, return_sequences = TRUE) |>
  layer_dense(units = 1)
model |> compile(optimizer_adam(learning_rate = 0.003), loss = "mse")
model |> fit(cut(0), cut(1) - cut(0), epochs = 60, verbose = 0)

# ---- streaming: the same weights in a model that remembers

stream <- keras_model_sequential(batch_input_shape = c(1, 1, 1)) |>
  layer_gru(units = 8, return_sequences = TRUE, stateful = TRUE) |>
  layer_dense(units = 1)
set_weights(stream, get_weights(model))

next_month <- function(now) {
  now + predict_on_batch(stream, array(now, c(1, 1, 1)))
}
# What came before, to get into step.
for (month in (known - 119):known) {
  forecast <- next_month(spots[month])
}
months <- (known + 1):length(spots)
forecasts <- numeric(length(months))
seconds <- system.time(for (i in seq_along(months)) {
  forecasts[i] <- forecast                   # made before the month is known
  forecast <- next_month(spots[months[i]])
})[["elapsed"]]

# ---- baselines: the month before, and an autoregression fitted on the past

autoregression <- ar(spots[1:known], order.max = 24, aic = TRUE)
lags <- outer(months, seq_len(autoregression$order), "-")
past <- matrix(spots[lags], nrow(lags)) - autoregression$x.mean
linear <- drop(past %*% autoregression$ar) + autoregression$x.mean

rmse <- function(forecast) 4 * sqrt(mean((forecast - spots[months])^2))
scores <- c(
  "the month before" = rmse(spots[months - 1]),
  "autoregression" = rmse(linear),
  "elman, step by step" = rmse(forecasts)
)
print(data.frame(RMSE = round(scores, 3)))

# All months at once give the same.
so_far <- spots[(known - 119):length(spots)] |>
  array(c(1, length(months) + 120, 1))
at_once <- (so_far + predict(model, so_far, verbose = 0))[1, , 1]
largest <- max(abs(at_once[119 + seq_along(months)] - forecasts))
cat(sprintf("%d steps of %.2f ms; at once and step by step differ by %.1e\n",
            length(months), 1000 * seconds / length(months), largest))

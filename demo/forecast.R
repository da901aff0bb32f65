# Forecasts the monthly sunspot numbers twelve months ahead.
#
# The network trains on months 1 to 2000, is watched on 2001 to 2400 and judged
# on the rest. Every baseline is computed on the same months.

library(elman)

z <- sqrt(as.numeric(sunspot.month)[1:3177])
center <- mean(z[1:2000])
spread <- sd(z[1:2000])
z <- (z - center) / spread
inputs <- 48
ahead <- 12

before <- function(origins) {
  t(sapply(origins, \(origin) z[origin - (inputs - 1):0]))
}
after <- function(origins) t(sapply(origins, \(origin) z[origin + 1:ahead]))
training <- inputs:(2000 - ahead)
watched <- 2000:(2400 - ahead)
test <- 2400:(length(z) - ahead)

# In units of the square root of the sunspot number.
rmse <- function(forecast) {
  mean(sqrt(rowMeans((forecast - after(test))^2))) * spread
}

# ---- baselines

baselines <- list(
  "mean of the training months" = matrix(0, length(test), ahead),
  "last month again" = matrix(z[test], length(test), ahead),
  "eleven years ago" = t(sapply(test, \(t) z[t - 132 + 1:ahead])),
  "linear, 48 months to 12" = cbind(1, before(test)) %*%
    lm.fit(cbind(1, before(training)), after(training))$coefficients
)

# ---- a network: what a linear map of the same months misses

set.seed(1)
steps <- function(rows) aperm(array(rows, c(nrow(rows), 3, 16)), c(1, 3, 2))
past <- keras_input(shape = c(16, 3))
memory <- past |>
  layer_gru(units = 24) |>
  layer_dropout(rate = 0.1) |>
  layer_dense(units = ahead)
straight <- past |>
  layer_flatten() |>
  layer_dense(units = ahead, kernel_initializer = "zeros",
              kernel_regularizer = regularizer_l2(0.001))
model <- keras_model(past, layer_add(list(memory, straight)))
model |> compile(optimizer_adam(learning_rate = 0.002), loss = "mse")
history <- model |> fit(
  steps(before(training)), after(training),
  validation_data = list(steps(before(watched)), after(watched)),
  epochs = 60, batch_size = 64, verbose = 0,
  callbacks = callback_early_stopping(
    patience = 8, restore_best_weights = TRUE
  )
)
forecast <- predict(model, steps(before(test)), verbose = 0)

# ---- the comparison

scores <- c(sapply(baselines, rmse), "elman, one network" = rmse(forecast))
print(data.frame(RMSE = round(scores, 3)))

shown <- seq(2400, length(z))
plot(1749 + (shown - 1) / 12, (z[shown] * spread + center)^2, type = "l",
     col = "grey60", bty = "l", xlab = "", ylab = "Sunspot number",
     main = "Each line forecasts the next twelve months")
for (k in seq(1, length(test), by = ahead)) {
  lines(1749 + (test[k] + 1:ahead - 1) / 12,
        (forecast[k, ] * spread + center)^2, col = "firebrick", lwd = 2)
}

# Tells whether six years of monthly sunspot numbers run forwards or backwards
# in time. The number of sunspots rises faster than it falls.

library(elman)

spots <- sqrt(as.numeric(sunspot.month)[1:3177]) / 4 - 1.5
months <- 72
starts <- seq(1, length(spots) - months + 1, by = 6)
windows <- t(sapply(starts, \(start) spots[start + 0:(months - 1)]))
both_ways <- function(windows) {
  rows <- rbind(windows, windows[, months:1])
  array(rows, c(nrow(rows), months, 1))
}
training <- starts + months - 1 <= 2200
test <- starts > 2200
x <- both_ways(windows[training, ])
y <- rep(1:0, each = sum(training))
x_test <- both_ways(windows[test, ])
y_test <- rep(1:0, each = sum(test))

# ---- baselines: a guess, the steepest rise and fall, logistic regression

yearly <- function(x) t(apply(x[, , 1], 1, diff, lag = 12))
steeper_up <- apply(yearly(x_test), 1, \(change) max(change) + min(change)) > 0
linear <- glm(y ~ ., binomial, data.frame(y, x = x[, , 1]))
linear_says <- predict(linear, data.frame(x = x_test[, , 1])) > 0

# ---- five networks: twelve steps of six months

accuracy <- sapply(1:5, function(seed) {
  set.seed(seed)
  model <- keras_model_sequential(input_shape = c(months, 1)) |>
    layer_reshape(target_shape = c(12, 6)) |>
    layer_gru(units = 16) |>
    layer_dense(units = 1, activation = "sigmoid")
  model |> compile(
    optimizer_adam(learning_rate = 0.005), "binary_crossentropy",
    metrics = "accuracy"
  )
  model |> fit(x, y, epochs = 40, verbose = 0)
  evaluate(model, x_test, y_test, verbose = 0)$accuracy
})

scores <- c(
  "guess" = 0.5,
  "is the steepest year a rise?" = mean(steeper_up == y_test),
  "logistic regression" = mean(linear_says == y_test),
  "elman, worst of 5 networks" = min(accuracy),
  "elman, mean of 5 networks" = mean(accuracy)
)
print(data.frame(accuracy = round(scores, 3)))

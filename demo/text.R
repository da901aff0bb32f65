# Guesses from the title of a help page of R what the page is about: base R,
# graphics or statistics.

library(elman)

topics <- c(base = "base", stats = "stats", graphics = "graphics",
            grDevices = "graphics", grid = "graphics")
pages <- hsearch_db(package = names(topics))$Base
pages <- pages[pages$Type == "help", ]
pages <- pages[!duplicated(pages[c("Package", "Title")]), ]
topic <- factor(topics[pages$Package])
y <- as.integer(topic) - 1

set.seed(1)
test <- seq_along(y) %in% sample(length(y), 200)

vectorize <- layer_text_vectorization(
  max_tokens = 600, output_sequence_length = 12
)
adapt(vectorize, pages$Title[!test])
x <- as.array(vectorize(pages$Title))

# ---- baselines: the most frequent topic, and words without their order

most_frequent <- max(table(topic[test])) / sum(test)
counts <- sapply(levels(topic), function(level) {
  tabulate(x[!test & topic == level, ], nbins = 600) + 0.5
})
likelihood <- log(sweep(counts, 2, colSums(counts), "/"))
prior <- log(as.numeric(prop.table(table(topic[!test]))))
bayes <- apply(x[test, ], 1, function(words) {
  which.max(colSums(likelihood[words[words > 0], , drop = FALSE]) + prior)
})

# ---- a network that reads the words in both directions

model <- keras_model_sequential(input_shape = 12) |>
  layer_embedding(input_dim = 600, output_dim = 16, mask_zero = TRUE) |>
  layer_dropout(rate = 0.4) |>
  layer_bidirectional(layer_lstm(units = 16)) |>
  layer_dropout(rate = 0.4) |>
  layer_dense(units = 3, activation = "softmax")
model |> compile(
  optimizer_adam(learning_rate = 0.005), "sparse_categorical_crossentropy",
  metrics = "accuracy"
)
model |> fit(x[!test, ], y[!test], epochs = 12, verbose = 0)

scores <- c(
  "most frequent topic" = most_frequent,
  "naive Bayes" = mean(bayes == as.integer(topic)[test]),
  "elman, bidirectional LSTM" =
    evaluate(model, x[test, ], y[test], verbose = 0)$accuracy
)
print(data.frame(accuracy = round(scores, 3)))

# ---- titles that nobody has written yet

titles <- c("Draw a Histogram", "Fit a Robust Linear Model",
            "Convert Strings to Numbers")
probability <- predict(model, as.array(vectorize(titles)), verbose = 0)
dimnames(probability) <- list(titles, levels(topic))
print(round(probability, 2))

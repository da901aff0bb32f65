# Attention and additive attention.

query <- waves(2, 3, 4)
value <- waves(2, 5, 4, shift = 1)
key <- waves(2, 5, 4, shift = 2)
query_mask <- rbind(c(TRUE, TRUE, FALSE), c(TRUE, FALSE, FALSE))
value_mask <- rbind(c(TRUE, TRUE, FALSE, TRUE, FALSE),
                    c(FALSE, TRUE, FALSE, FALSE, FALSE))

softmax_rows <- function(s) {
  e <- exp(s - apply(s, 1, max))
  e / rowSums(e)
}

# `score(q, k)` of two vectors; `allowed` a logical array [batch, queries,
# keys]. Gives list(output, weights).
slow_attention <- function(score, query, value, key = value, allowed = TRUE) {
  d <- c(dim(query)[1:2], dim(value)[2])
  allowed <- array(allowed, d)
  weights <- array(0, d)
  output <- array(0, c(d[1:2], dim(value)[3]))
  for (b in seq_len(d[1])) {
    s <- outer(seq_len(d[2]), seq_len(d[3]), Vectorize(function(i, j) {
      score(query[b, i, ], key[b, j, ])
    }))
    p <- softmax_rows(matrix(ifelse(allowed[b, , ], s, -Inf), d[2]))
    weights[b, , ] <- p
    output[b, , ] <- p %*% value[b, , ]
  }
  list(output, weights)
}

dot_score <- function(q, k) sum(q * k)

run <- function(layer, ...) layer(..., return_attention_scores = TRUE)

test_that("weights are the softmax of products, and of sums bent by tanh", {
  layer <- layer_attention(dtype = "float64")
  expect_equal(run(layer, list(query, value)),
               slow_attention(dot_score, query, value), tolerance = 1e-13)
  expect_equal(run(layer, list(query, value, key)),
               slow_attention(dot_score, query, value, key), tolerance = 1e-13)
  expect_identical(layer(list(query, value)),
                   run(layer, list(query, value))[[1]])

  for (scaled in c(FALSE, TRUE)) {
    scale <- if (scaled) 0.5 else 1
    layer <- layer_attention(use_scale = scaled, dtype = "float64")
    layer(list(query, value))
    if (scaled) set_weights(layer, list(0.5))
    expect_equal(run(layer, list(query, value)), slow_attention(
      function(q, k) scale * sum(q * k), query, value), tolerance = 1e-13)
    layer <- layer_attention(use_scale = scaled, score_mode = "concat",
                             dtype = "float64")
    layer(list(query, value))
    set_weights(layer, c(if (scaled) list(0.5), list(2)))
    expect_equal(run(layer, list(query, value)), slow_attention(
      function(q, k) 2 * sum(tanh(scale * (q + k))), query, value),
      tolerance = 1e-13)
  }
})

test_that("additive attention weighs features", {
  layer <- layer_additive_attention(dtype = "float64")
  layer(list(query, value))
  w <- waves(4)
  set_weights(layer, list(w))
  expect_equal(run(layer, list(query, value, key)), slow_attention(
    function(q, k) sum(w * tanh(q + k)), query, value, key), tolerance = 1e-13)
  plain <- layer_additive_attention(use_scale = FALSE, dtype = "float64")
  expect_equal(run(plain, list(query, value)), slow_attention(
    function(q, k) sum(tanh(q + k)), query, value), tolerance = 1e-13)
  expect_length(plain$weights, 0)
})

test_that("masks choose what is looked at and what is given", {
  allowed <- aperm(array(value_mask, c(2, 5, 3)), c(1, 3, 2))
  want <- slow_attention(dot_score, query, value, allowed = allowed)
  want[[1]][rep(!query_mask, 4)] <- 0
  layer <- layer_attention(dtype = "float64")
  by_hand <- run(layer, list(query, value), mask = list(query_mask, value_mask))
  expect_equal(by_hand, want, tolerance = 1e-13)
  marked <- list(masked_tensor(query, query_mask),
                 masked_tensor(value, value_mask))
  carried <- run(layer, marked)
  expect_equal(lapply(carried, as.array), want, tolerance = 1e-13)
  expect_identical(as.array(attr(carried[[1]], "mask")), query_mask)
  expect_null(attr(carried[[2]], "mask"))
  only_value <- layer(list(query, value), mask = list(NULL, value_mask))
  expect_equal(only_value, slow_attention(dot_score, query, value,
                                          allowed = allowed)[[1]],
               tolerance = 1e-13)
})

test_that("what a mask leaves out makes no difference", {
  spoiled <- value
  spoiled[rep(!value_mask, 4)] <- 1e3
  for (layer in list(layer_attention(dtype = "float64"),
                     layer_additive_attention(dtype = "float64"))) {
    mask <- list(NULL, value_mask)
    expect_equal(layer(list(query, spoiled), mask = mask),
                 layer(list(query, value), mask = mask), tolerance = 1e-13)
  }
})

test_that("a causal mask lets no query see a later key", {
  allowed <- aperm(array(outer(1:3, 1:5, `>=`), c(3, 5, 2)), c(3, 1, 2))
  layer <- layer_attention(dtype = "float64")
  expect_equal(run(layer, list(query, value), use_causal_mask = TRUE),
               slow_attention(dot_score, query, value, allowed = allowed),
               tolerance = 1e-13)
  value_mask[2, 1] <- TRUE
  both <- allowed & aperm(array(value_mask, c(2, 5, 3)), c(1, 3, 2))
  marked <- list(as_tensor(query), masked_tensor(value, value_mask))
  # float32 rounding of the query
  expect_equal(lapply(run(layer, marked, use_causal_mask = TRUE), as.array),
               slow_attention(dot_score, query, value, allowed = both),
               tolerance = 1e-6)
})

test_that("dropout drops weights in training and scales the rest", {
  layer <- layer_attention(dropout = 0.5, seed = 1, dtype = "float64")
  plain <- run(layer_attention(dtype = "float64"), list(query, value))[[2]]
  dropped <- run(layer, list(query, value), training = TRUE)[[2]]
  ratio <- dropped / plain
  expect_true(all(abs(ratio) < 1e-12 | abs(ratio - 2) < 1e-12))
  expect_true(any(ratio == 0) && any(ratio > 1))
  expect_identical(run(layer, list(query, value))[[2]], plain)
})

test_that("gradients match central differences", {
  for (layer in list(
    layer_attention(use_scale = TRUE, dtype = "float64"),
    layer_attention(use_scale = TRUE, score_mode = "concat", dtype = "float64"),
    layer_additive_attention(dtype = "float64")
  )) {
    layer(list(query, value))
    expect_gradient(function(q, v, k) {
      run(layer, list(q, v, k), mask = list(query_mask, value_mask))
    }, query, value, key, variables = layer$trainable_weights)
  }
})

test_that("it works in models, with several outputs, and can be recorded", {
  series <- keras_input(c(5, 3))
  steps <- layer_masking(series) |>
    layer_simple_rnn(4, return_sequences = TRUE)
  attention <- layer_attention(use_scale = TRUE)
  found <- attention(list(steps, steps), return_attention_scores = TRUE,
                     use_causal_mask = TRUE)
  expect_identical(lapply(found, shape_of), list(c(NA, 5L, 4L), c(NA, 5L, 5L)))
  merged <- layer_additive_attention(list(steps, found[[1]]))
  output <- layer_global_average_pooling_1d(merged) |> layer_dense(1)
  model <- keras_model(series, output)
  again <- from_config(get_config(model))
  set_weights(again, get_weights(model))
  x <- waves(4, 5, 3)
  x[1, 4:5, ] <- 0
  expect_identical(predict(again, x, verbose = 0),
                   predict(model, x, verbose = 0))
  expect_records(model, x, waves(4, 5, 3, shift = 1), waves(4, 1))
})

test_that("configurations have Keras's entries and bring layers back", {
  expect_identical(names(get_config(layer_attention()))[-(1:3)],
                   c("use_scale", "score_mode", "dropout", "seed"))
  expect_identical(names(get_config(layer_additive_attention()))[-(1:3)],
                   c("use_scale", "dropout", "seed"))
  for (layer in list(
    layer_attention(use_scale = TRUE, score_mode = "concat", dropout = 0.25,
                    seed = 3),
    layer_additive_attention(use_scale = TRUE)
  )) {
    expect_round_trip(layer, list(query, value))
  }
})

test_that("bad arguments, inputs and masks are refused", {
  layer <- layer_attention(name = "look")
  expect_snapshot(error = TRUE, {
    layer_attention(score_mode = "cosine")
    layer_attention(dropout = 2)
    layer_attention(use_scale = NULL)
    layer(query)
    layer(list(query))
    layer(list(query, value[, , 1:3]))
    layer(list(query, value[1, , , drop = FALSE]))
    layer(list(query, value, key[, 1:2, ]))
    layer(list(query[, 1, ], value))
    layer(list(query, value), mask = query_mask)
    layer(list(query, value), return_attention_scores = "yes")
    layer(list(query, value), use_casual_mask = TRUE)
    layer_additive_attention(list(keras_input(c(3, NA)), keras_input(c(5, NA))),
                             name = "sum")
  })
})

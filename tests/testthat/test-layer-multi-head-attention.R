# Multi-head attention against its equations.

query <- waves(2, 3, 4)
value <- waves(2, 5, 6, shift = 1)
key <- waves(2, 5, 3, shift = 2)

double_heads <- function(..., inputs = list(query, value)) {
  layer <- layer_multi_head_attention(..., dtype = "float64")
  do.call(layer, inputs)
  set_weights(layer, lapply(seq_along(layer$weights), function(k) {
    shape <- dim(layer$weights[[k]])
    array(waves(shape, shift = k), shape)
  }))
  layer
}

# One sample and head after the other. `allowed` [batch, queries, keys]; where
# nothing is, all keys count alike, or with `nothing` none.
slow_heads <- function(w, query, value, key = value, allowed = TRUE,
                       nothing = TRUE) {
  heads <- dim(w[[1]])[2]
  d <- c(dim(query)[1], heads, dim(query)[2], dim(value)[2])
  allowed <- array(allowed, d[-2])
  scores <- array(0, d)
  output <- array(0, c(dim(query)[1:2], dim(w[[7]])[3]))
  for (b in seq_len(d[1])) {
    y <- matrix(w[[8]], d[3], dim(w[[7]])[3], byrow = TRUE)
    for (h in seq_len(heads)) {
      project <- function(x, k) {
        sweep(matrix(x[b, , ], dim(x)[2]) %*% w[[k]][, h, ], 2, w[[k + 1]][h, ],
              `+`)
      }
      s <- project(query, 1) %*% t(project(key, 3)) / sqrt(dim(w[[1]])[3])
      a <- matrix(allowed[b, , ], d[3])
      p <- exp(s - max(s)) * a
      p <- p / ifelse(rowSums(a) == 0, 1, rowSums(p))
      if (!nothing) p[rowSums(a) == 0, ] <- 1 / d[4]
      scores[b, h, , ] <- p
      y <- y + p %*% project(value, 5) %*% w[[7]][h, , ]
    }
    output[b, , ] <- y
  }
  list(output, scores)
}

run <- function(layer, ...) layer(..., return_attention_scores = TRUE)

test_that("each head attends, and all together are projected back", {
  layer <- double_heads(num_heads = 2, key_dim = 3)
  expect_equal(run(layer, query, value),
               slow_heads(get_weights(layer), query, value), tolerance = 1e-12)
  expect_equal(layer(query, value), run(layer, query, value)[[1]],
               tolerance = 1e-14)
  layer <- double_heads(num_heads = 3, key_dim = 2, value_dim = 5,
                        inputs = list(query, value, key))
  expect_equal(run(layer, query, value, key),
               slow_heads(get_weights(layer), query, value, key),
               tolerance = 1e-12)
})

test_that("weights have Keras's shapes, order and paths", {
  layer <- double_heads(num_heads = 2, key_dim = 3, value_dim = 5, name = "mha")
  expect_identical(lapply(layer$weights, dim),
                   list(c(4L, 2L, 3L), 2:3, c(6L, 2L, 3L), 2:3, c(6L, 2L, 5L),
                        c(2L, 5L), c(2L, 5L, 4L), 4L))
  expect_identical(
    vapply(layer$weights, function(w) w$path, ""),
    paste0("mha/",
           rep(c("query", "key", "value", "attention_output"), each = 2),
           c("/kernel", "/bias"))
  )
  expect_length(double_heads(num_heads = 2, key_dim = 3,
                             use_bias = FALSE)$weights, 4)
})

test_that("the output can have other sizes", {
  for (sizes in list(7, c(2, 3))) {
    layer <- double_heads(num_heads = 2, key_dim = 3, output_shape = sizes)
    plain <- double_heads(num_heads = 2, key_dim = 3,
                          output_shape = prod(sizes))
    w <- get_weights(layer)
    w[[7]] <- array(w[[7]], c(2, 3, prod(sizes)))
    w[[8]] <- array(w[[8]], prod(sizes))
    set_weights(plain, w)
    got <- layer(query, value)
    expect_identical(dim(got), as.integer(c(2, 3, sizes)))
    expect_equal(array(got, c(2, 3, prod(sizes))), plain(query, value),
                 tolerance = 1e-13)
  }
})

masks <- list(
  query = rbind(c(TRUE, TRUE, FALSE), c(TRUE, FALSE, FALSE)),
  value = rbind(c(TRUE, TRUE, FALSE, TRUE, FALSE),
                c(FALSE, TRUE, TRUE, FALSE, FALSE)),
  both = array(waves(2, 3, 5) > -0.5, c(2, 3, 5))
)
along_query <- array(masks$query, c(2, 3, 5))
along_value <- aperm(array(masks$value, c(2, 5, 3)), c(1, 3, 2))

test_that("masks that are carried, given and causal combine", {
  layer <- double_heads(num_heads = 2, key_dim = 3)
  w <- get_weights(layer)
  expect_masked <- function(allowed, ...) {
    expect_equal(lapply(run(layer, ...), as.array),
                 slow_heads(w, query, value, allowed = allowed),
                 tolerance = 1e-12)
    expect_equal(as.array(layer(...)),
                 slow_heads(w, query, value, allowed = allowed,
                            nothing = FALSE)[[1]], tolerance = 1e-8)
  }
  causal <- aperm(array(outer(1:3, 1:5, `>=`), c(3, 5, 2)), c(3, 1, 2))
  expect_masked(causal, query, value, use_causal_mask = TRUE)
  expect_masked(masks$both, query, value, attention_mask = masks$both)
  expect_masked(along_value, query, value, value_mask = masks$value)
  expect_masked(along_value, query, masked_tensor(value, masks$value))
  expect_masked(along_query, query, value, query_mask = masks$query)
  expect_masked(along_query & along_value & masks$both & causal,
                masked_tensor(query, masks$query),
                masked_tensor(value, masks$value),
                attention_mask = masks$both, use_causal_mask = TRUE)
  one_for_all <- masks$both[1, , ]
  expect_masked(aperm(array(one_for_all, c(3, 5, 2)), c(3, 1, 2)), query, value,
                attention_mask = one_for_all)
})

test_that("heads can have masks of their own", {
  layer <- double_heads(num_heads = 2, key_dim = 3)
  per_head <- array(waves(2, 2, 3, 5, shift = 1) > -0.8, c(2, 2, 3, 5))
  got <- run(layer, query, value, attention_mask = per_head)[[2]]
  for (h in 1:2) {
    want <- slow_heads(get_weights(layer), query, value,
                       allowed = per_head[, h, , ])[[2]]
    expect_equal(got[, h, , ], want[, h, , ], tolerance = 1e-12)
  }
})

test_that("the output carries the query's mask, and inputs keep theirs", {
  layer <- double_heads(num_heads = 2, key_dim = 3)
  q <- masked_tensor(query, masks$query)
  found <- run(layer, q, masked_tensor(value, masks$value))
  expect_identical(as.array(attr(found[[1]], "mask")), masks$query)
  expect_null(attr(found[[2]], "mask"))
  expect_identical(as.array(attr(q, "mask")), masks$query)
  expect_null(attr(layer(query, masked_tensor(value, masks$value)), "mask"))
})

test_that("a padded, masked batch equals its rows alone", {
  layer <- double_heads(num_heads = 2, key_dim = 3, inputs = list(value, value))
  whole <- as.array(layer(masked_tensor(value, masks$value),
                          as_tensor(value, "float64"),
                          value_mask = masks$value))
  for (b in 1:2) {
    alone <- value[b, masks$value[b, ], , drop = FALSE]
    expect_equal(whole[b, masks$value[b, ], ], layer(alone, alone)[1, , ],
                 tolerance = 1e-12)
  }
})

test_that("attention goes along the axes that are asked for", {
  x <- waves(2, 3, 4, 5)
  both <- double_heads(num_heads = 2, key_dim = 3, inputs = list(x, x))
  flat <- double_heads(num_heads = 2, key_dim = 3, inputs = list(
    array(x, c(2, 12, 5)), array(x, c(2, 12, 5))
  ))
  expect_equal(array(both(x, x), c(2, 12, 5)),
               flat(array(x, c(2, 12, 5)), array(x, c(2, 12, 5))),
               tolerance = 1e-12)
  for (axis in c(2, -2)) {
    along <- double_heads(num_heads = 2, key_dim = 3, attention_axes = axis,
                          inputs = list(x, x))
    got <- run(along, x, x)
    expect_identical(dim(got[[2]]), c(2L, 3L, 2L, 4L, 4L))
    for (i in 1:3) {
      expect_equal(got[[1]][, i, , ], slow_heads(
        get_weights(along), x[, i, , ], x[, i, , ]
      )[[1]], tolerance = 1e-12)
    }
  }
  first <- double_heads(num_heads = 2, key_dim = 3, attention_axes = 1,
                        inputs = list(x, x))
  along <- double_heads(num_heads = 2, key_dim = 3, attention_axes = 2,
                        inputs = list(x, x))
  flipped <- aperm(x, c(1, 3, 2, 4))
  expect_equal(first(x, x), aperm(along(flipped, flipped), c(1, 3, 2, 4)),
               tolerance = 1e-12)
  causal <- run(first, x, x, use_causal_mask = TRUE)[[2]]
  expect_true(all(causal[, , , 1, 2:3] == 0))
})

test_that("dropout drops weights in training and scales the rest", {
  layer <- double_heads(num_heads = 2, key_dim = 3, dropout = 0.5, seed = 1)
  expect_equal(layer(query, value),
               slow_heads(get_weights(layer), query, value)[[1]],
               tolerance = 1e-12)
  # The scores that are given are those before.
  found <- run(layer, query, value, training = TRUE)
  expect_equal(found[[2]], run(layer, query, value)[[2]], tolerance = 1e-14)
  expect_gt(max(abs(found[[1]] - layer(query, value))), 0.01)
})

test_that("regularizers see every projection", {
  layer <- layer_multi_head_attention(
    num_heads = 2, key_dim = 3, kernel_regularizer = regularizer_l2(0.5),
    activity_regularizer = regularizer_l1(1), dtype = "float64"
  )
  layer(query, value)
  penalties <- vapply(layer$losses, as.numeric, 0)
  kernels <- get_weights(layer)[c(1, 3, 5, 7)]
  expect_length(penalties, 8)
  expect_equal(penalties[5:8], vapply(kernels, function(k) 0.5 * sum(k^2), 0),
               tolerance = 1e-14)
  # Of the query's projection and of the output, divided by the samples.
  project <- apply(query, 1:2, function(q) {
    apply(kernels[[1]], 2, function(k) q %*% k)
  })
  expect_equal(penalties[1], sum(abs(project)) / 2, tolerance = 1e-13)
  expect_equal(penalties[4], sum(abs(layer(query, value))) / 2,
               tolerance = 1e-13)
})

test_that("gradients match central differences", {
  layer <- double_heads(num_heads = 2, key_dim = 2, value_dim = 3,
                        inputs = list(query, value, key))
  expect_gradient(function(q, v, k) {
    run(layer, q, v, k, attention_mask = masks$both)
  }, query, value, key, variables = layer$trainable_weights)
  expect_gradient(function(q, v, k) layer(q, v, k, use_causal_mask = TRUE),
                  query, value, key, variables = layer$trainable_weights)
})

test_that("it works in models, which are written and read as Keras does", {
  series <- keras_input(c(5, 4))
  steps <- layer_masking(series)
  heads <- layer_multi_head_attention(num_heads = 2, key_dim = 3)
  found <- heads(steps, steps, use_causal_mask = TRUE,
                 return_attention_scores = TRUE)
  expect_identical(lapply(found, shape_of),
                   list(c(NA, 5L, 4L), c(NA, 2L, 5L, 5L)))
  other <- layer_multi_head_attention(list(steps, found[[1]]), 2, 3)
  output <- layer_add(steps, other) |>
    layer_layer_normalization() |>
    layer_global_average_pooling_1d() |>
    layer_dense(1)
  model <- keras_model(series, output)
  call <- get_config(model)$layers[[3]]$inbound_nodes[[1]]
  expect_length(call$args, 2)
  again <- from_config(get_config(model))
  set_weights(again, get_weights(model))
  x <- waves(4, 5, 4)
  x[1, 4:5, ] <- 0
  expect_identical(predict(again, x, verbose = 0),
                   predict(model, x, verbose = 0))
  expect_records(model, x, waves(4, 5, 4, shift = 1), waves(4, 1))
})

test_that("its configuration has Keras's entries and brings it back", {
  layer <- double_heads(num_heads = 2, key_dim = 3, output_shape = 4,
                        kernel_regularizer = "l2", seed = 3, dropout = 0.25)
  config <- get_config(layer)
  expect_identical(names(config)[-(1:3)], c(
    "num_heads", "key_dim", "value_dim", "dropout", "use_bias", "use_gate",
    "output_shape", "attention_axes", "sliding_window", "kernel_initializer",
    "bias_initializer", "kernel_regularizer", "bias_regularizer",
    "activity_regularizer", "kernel_constraint", "bias_constraint", "seed"
  ))
  expect_identical(config$attention_axes, list(1L))
  expect_round_trip(layer, query, value)
})

test_that("bad arguments, inputs and masks are refused", {
  layer <- layer_multi_head_attention(num_heads = 2, key_dim = 3, name = "mha")
  layer(query, value)
  wide <- waves(2, 3, 4, 5)
  expect_snapshot(error = TRUE, {
    layer_multi_head_attention(num_heads = 0, key_dim = 3)
    layer_multi_head_attention(num_heads = 2)
    layer_multi_head_attention(num_heads = 2, key_dim = 3, value_dim = 1.5)
    layer_multi_head_attention(num_heads = 2, key_dim = 3, dropout = -1)
    layer_multi_head_attention(num_heads = 2, key_dim = 3, output_shape = 0)
    layer_multi_head_attention(num_heads = 2, key_dim = 3,
                               flash_attention = TRUE)
    layer_multi_head_attention(list(wide, wide), 2, 3, attention_axes = 3)
    layer_multi_head_attention(query, 2, 3)
    layer(query)
    layer(query[, , 1:2], value)
    layer(query, value[, , 1:2])
    layer(query, value[1, , , drop = FALSE])
    layer(query, value, key[, 1:2, ])
    layer(query, value, attention_mask = array(TRUE, c(2, 3, 4)))
    layer(query, value, query_mask = matrix(TRUE, 2, 5))
    layer(query, value, use_casual_mask = TRUE)
    layer_multi_head_attention(num_heads = 2, key_dim = 3)(
      wide, wide, use_causal_mask = TRUE
    )
  })
})

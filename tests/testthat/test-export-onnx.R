# Structure only: the live comparison runs such files by ONNX Runtime.

onnx_sequence <- function() keras_model_sequential(input_shape = c(NA, 3))

test_that("a layer without a mask becomes ONNX's own operator", {
  model <- onnx_sequence() |>
    layer_lstm(2, return_sequences = TRUE) |> layer_dropout(0.5) |>
    layer_gru(2, activation = "softsign", go_backwards = TRUE) |>
    layer_dense(1, activation = "sigmoid")
  graph <- read_onnx(export_onnx(model))
  expect_identical(graph$version, 8)
  expect_identical(graph$operators_version, 17)
  expect_true(all(c("LSTM", "GRU", "MatMul", "Sigmoid") %in% graph$operators))
  expect_false("Scan" %in% graph$operators)
  expect_length(graph$inputs, 1L)
  expect_length(graph$outputs, 1L)
  expect_sound_graph(graph)
})

test_that("gates come in ONNX's order, and matrices transposed", {
  model <- onnx_sequence() |> layer_lstm(2)
  W <- matrix(1:24, 3, 8)
  R <- matrix(101:116, 2, 8)
  set_weights(model, list(W, R, array(201:208, 8)))
  graph <- read_onnx(export_onnx(model))
  node <- graph$nodes[[which(graph$operators == "LSTM")]]
  order <- c(1:2, 7:8, 3:6)
  expect_identical(graph$constants[[node$inputs[2]]]$shape, c(1, 8, 3))
  expect_identical(constant_numbers(graph, node$inputs[2]),
                   as.numeric(W[, order]))
  expect_identical(constant_numbers(graph, node$inputs[3]),
                   as.numeric(R[, order]))
  expect_identical(constant_numbers(graph, node$inputs[4]),
                   c((201:208)[order], numeric(8)))
})

test_that("masks, stacks and other activations become a loop", {
  masked <- keras_model_sequential(input_shape = NA) |>
    layer_embedding(5, 3, mask_zero = TRUE) |>
    layer_bidirectional(layer_gru(units = 2, return_sequences = TRUE)) |>
    layer_simple_rnn(2)
  stack <- onnx_sequence() |>
    layer_rnn(cell = list(rnn_cell_lstm(units = 2), rnn_cell_gru(units = 2)))
  gelu <- onnx_sequence() |> layer_lstm(2, activation = "gelu")
  for (model in list(masked, stack, gelu)) {
    graph <- read_onnx(export_onnx(model))
    expect_true("Scan" %in% graph$operators)
    expect_false(any(c("RNN", "LSTM", "GRU") %in% graph$operators))
    expect_sound_graph(graph)
  }
})

test_that("functional models keep their graph, their names and their states", {
  x <- keras_input(c(NA, 3), name = "sequence")
  h <- keras_input(4, name = "state")
  found <- layer_gru(units = 4, return_state = TRUE, name = "memory")(
    x, initial_state = h
  )
  mixed <- op_tanh(op_add(found[[1]], op_multiply(found[[2]], 0.5)))
  model <- keras_model(list(x, h), list(
    layer_dense(mixed, 2, name = "first"),
    layer_concatenate(mixed, h, name = "second")
  ))
  graph <- read_onnx(export_onnx(model))
  expect_identical(graph$inputs, c("sequence", "state"))
  expect_identical(graph$outputs, c("first", "second"))
  expect_true(all(c("GRU", "Tanh", "Concat") %in% graph$operators))
  expect_sound_graph(graph)
})

test_that("every activation is written", {
  names <- sub("^activation_", "", grep(
    "^activation_", getNamespaceExports("elman"), value = TRUE
  ))
  for (name in setdiff(names, "threshold")) {
    model <- keras_model_sequential(input_shape = 4) |>
      layer_dense(4, activation = name)
    expect_sound_graph(read_onnx(export_onnx(model)))
  }
})

test_that("what cannot be written is refused, and the layer is named", {
  refused <- function(model, regexp) {
    expect_error(export_onnx(model), regexp, class = "elman_error_argument")
  }
  refused(keras_model_sequential(input_shape = 4) |>
            layer_lambda(function(x) x, name = "odd"), "`odd` \\(Lambda\\)")
  refused(onnx_sequence() |>
            layer_dense(2, activation = function(x) x, name = "mine"),
          "`mine` \\(Dense\\).*function of your own")
  refused(onnx_sequence() |>
            layer_time_distributed(layer_embedding(input_dim = 2,
                                                   output_dim = 2,
                                                   name = "words")),
          "`words`")
  x <- keras_input(c(4, 2))
  refused(keras_model(x, op_sum(x, axis = 2)), "operation `sum`")
  ids <- keras_input(NA)
  words <- layer_embedding(ids, 4, 2, mask_zero = TRUE)
  refused(keras_model(ids, layer_add(words, words)), "masked tensors")
  bad <- keras_model_sequential(input_shape = 1) |> layer_dense(1, name = "inf")
  set_weights(bad, list(matrix(Inf), array(0, 1)))
  refused(bad, "`inf`.*not all finite")
  expect_error(export_onnx(keras_model_sequential() |> layer_dense(1)),
               "must be built", class = "elman_error_state")
})

test_that("a file that exists is kept unless it may be replaced", {
  model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
  path <- withr::local_tempfile(fileext = ".onnx")
  expect_invisible(export_onnx(model, path))
  expect_identical(readBin(path, "raw", 1e5), export_onnx(model))
  expect_error(export_onnx(model, path), "exists already",
               class = "elman_error_file")
  export_onnx(model, path, overwrite = TRUE)
  expect_error(export_onnx(model, "model.pb"), "ends in",
               class = "elman_error_argument")
})

test_that("whole numbers of any size and sign are written as in protobuf", {
  expect_identical(pb_varint(0), as.raw(0))
  expect_identical(pb_varint(127), as.raw(127))
  expect_identical(pb_varint(300), as.raw(c(0xac, 2)))
  expect_identical(pb_varint(-1), as.raw(c(rep(255, 9), 1)))
  numbers <- c(0, 1, 127, 128, 16383, 16384, 2^31, 2^53)
  for (x in numbers) {
    expect_identical(read_message(pb_int(5, x))[[1]],
                     list(field = 5, value = x))
  }
  expect_identical(
    read_message(pb_float(2, c(0.5, -2)))[[2]], list(field = 2, value = -2)
  )
  expect_identical(pb_bytes(1, "testing"), as.raw(c(
    0x0a, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67
  )))
})

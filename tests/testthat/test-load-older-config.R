test_that("configurations of older versions are understood", {
  record <- checked_record(list(
    class_name = "Sequential", config = list(name = "s", layers = list(
      list(class_name = "InputLayer", config = list(
        batch_input_shape = list(NULL, 4, 2), dtype = "float32",
        sparse = FALSE, ragged = FALSE, name = "i")),
      list(class_name = "SimpleRNN", config = list(
        name = "r", units = 3, time_major = FALSE, dtype = list(
          class_name = "Policy", config = list(name = "float32")),
        kernel_initializer = list(class_name = "GlorotUniform",
                                  config = list(seed = NULL))))
    ))
  ), NULL, TRUE)
  layer <- record$model$config$layers[[2]]
  expect_identical(layer$module, "keras.layers")
  expect_identical(layer$config$dtype, "float32")
  expect_null(layer$config$time_major)
  expect_identical(layer$config$kernel_initializer$module,
                   "keras.initializers")
  model <- model_from_record(record, NULL)
  expect_identical(dim(get_weights(model)[[1]]), c(2L, 3L))
})

test_that("calls of older functional models are lists of places", {
  node <- list(list("a", 0L, 0L, list()), list("b", 0L, 1L, list()))
  expect_identical(older_node(node)$args[[1]], list(
    written_place(list("a", 0L, 0L)), written_place(list("b", 0L, 1L))
  ))
  given <- list(list("a", 0L, 0L, list(initial_state = list("h", 0L, 0L),
                                       training = FALSE)))
  expect_identical(older_node(given), list(
    args = list(written_place(list("a", 0L, 0L))),
    kwargs = list(initial_state = written_place(list("h", 0L, 0L)),
                  training = FALSE)
  ))
  place <- function(name) list(name, 0L, 0L)
  model <- model_from_record(checked_record(list(
    class_name = "Model", config = list(
      name = "m",
      layers = list(
        list(class_name = "InputLayer", name = "x", inbound_nodes = list(),
             config = list(batch_input_shape = list(NULL, 3L), name = "x",
                           dtype = "float32")),
        list(class_name = "Dense", name = "d",
             config = list(name = "d", units = 2L),
             inbound_nodes = list(list(c(place("x"), list(list())))))
      ),
      input_layers = list(place("x")), output_layers = list(place("d"))
    )), NULL, TRUE), NULL)
  expect_identical(lapply(get_weights(model), dim), list(c(3L, 2L), 2L))
})

# States, masks and statefulness of recurrent layers.

test_that("the state is given in any form", {
  x <- waves(2, 3, 2)
  state <- waves(2, 4, shift = 3)
  layer <- double_rnn(2, 4)
  want <- layer(x, initial_state = state)
  expect_identical(layer(x, initial_state = list(state)), want)
  expect_identical(layer(x, initial_state = as_tensor(state, "float64")), want)
  expect_identical(layer(x, list(state)), want)
  expect_false(identical(layer(x), want))
})

test_that("return_state gives the state after the last step", {
  layer <- double_rnn(2, 4, return_sequences = TRUE, return_state = TRUE)
  got <- layer(waves(2, 3, 2))
  expect_identical(got[[1]][, 3, ], got[[2]])
})

test_that("a stateful layer carries its state and can be reset", {
  x <- waves(2, 3, 2)
  layer <- double_rnn(2, 4, stateful = TRUE)
  first <- layer(x)
  expect_identical(as.array(layer$states[[1]]), first)
  second <- layer(x)
  expect_identical(double_rnn(2, 4)(x, initial_state = first), second)
  reset_state(layer)
  expect_identical(layer(x), first)
  layer$reset_states()
  expect_true(all(as.array(layer$states[[1]]) == 0))
  expect_identical(reset_states(layer), layer)
})

test_that("a given state replaces the carried one and is carried on", {
  x <- waves(2, 3, 2)
  state <- waves(2, 4, shift = 3)
  layer <- double_rnn(2, 4, stateful = TRUE)
  layer(x)
  y <- layer(x, initial_state = state)
  expect_identical(y, double_rnn(2, 4)(x, initial_state = state))
  expect_identical(as.array(layer$states[[1]]), y)
})

test_that("a refused batch leaves the states as they were", {
  layer <- double_rnn(2, 4, stateful = TRUE)
  layer(waves(2, 3, 2))
  before <- lapply(layer$states, as.array)
  expect_error(layer(waves(1, 3, 2)), "batches of 2, not 1",
               class = "elman_error_shape")
  expect_error(layer(waves(2, 3, 2), mask = matrix(TRUE, 2, 9)),
               class = "elman_error_shape")
  expect_identical(lapply(layer$states, as.array), before)
})

test_that("resetting a layer without states does nothing", {
  layer <- double_rnn(2, 4)
  expect_identical(reset_state(layer), layer)
  expect_null(layer$states)
})

test_that("states are no weights", {
  layer <- double_rnn(2, 4, stateful = TRUE)
  layer(waves(2, 3, 2))
  expect_length(layer$variables, 3L)
  expect_identical(count_params(layer), 28L)
})

test_that("carried states are constants to differentiation", {
  layer <- double_rnn(2, 4, stateful = TRUE)
  x <- waves(2, 3, 2)
  layer(x)
  state <- as.array(layer$states[[1]])
  got <- value_and_grad(function(x) op_sum(layer(x)), layer$weights)(
    as_tensor(x, "float64"))
  plain <- double_rnn(2, 4)
  plain(x)
  want <- value_and_grad(function(x) {
    op_sum(plain(x, initial_state = state))
  }, plain$weights)(as_tensor(x, "float64"))
  expect_identical(lapply(got$variable_gradients, as.array),
                   lapply(want$variable_gradients, as.array))
})

test_that("masks are taken in every form", {
  x <- waves(2, 3, 2)
  mask <- rbind(c(TRUE, FALSE, TRUE), c(FALSE, TRUE, FALSE))
  layer <- double_rnn(2, 4)
  want <- layer(x, mask = mask)
  expect_identical(layer(x, mask = mask + 0), want)
  expect_identical(layer(x, mask = as_tensor(mask)), want)
  expect_identical(layer(x, mask = array(mask, c(2, 3, 1))), want)
  expect_false(identical(layer(x), want))
})

test_that("the mask that comes with a tensor is used unless a state is given", {
  x <- as_tensor(waves(2, 3, 2), "float64")
  mask <- rbind(c(TRUE, FALSE, TRUE), c(FALSE, TRUE, FALSE))
  state <- as_tensor(waves(2, 4), "float64")
  masked <- set_mask(x, as_tensor(mask))
  layer <- double_rnn(2, 4)
  expect_identical(layer(masked), layer(x, mask = mask))
  expect_identical(layer(masked, initial_state = state),
                   layer(x, initial_state = state))
  expect_identical(layer(masked, mask = !mask), layer(x, mask = !mask))
})

test_that("sequences hand their mask on, last outputs do not", {
  x <- set_mask(as_tensor(waves(2, 3, 2)), as_tensor(matrix(TRUE, 2, 3)))
  expect_null(get_mask(layer_simple_rnn(units = 4)(x)))
  y <- layer_simple_rnn(units = 4, return_sequences = TRUE,
                        go_backwards = TRUE)(x)
  expect_identical(get_mask(y), get_mask(x))
  both <- layer_simple_rnn(units = 4, return_sequences = TRUE,
                           return_state = TRUE)(x)
  expect_identical(get_mask(both[[1]]), get_mask(x))
  expect_null(get_mask(both[[2]]))
  layer <- layer_simple_rnn(units = 4, return_state = TRUE)
  expect_identical(layer$compute_mask(x, get_mask(x)), list(NULL, NULL))
})

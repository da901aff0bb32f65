# Choices and loops, against R's own, and against recording.

f64 <- function(x) as_tensor(x, "float64")
m <- matrix(c(1, 2, 3, 4, 5, 6), 2)

test_that("one branch runs, by numbers, tensors and places", {
  x <- as_tensor(3)
  expect_equal(as.double(op_cond(x > 2, \() x * 10, \() stop("no"))), 30)
  expect_equal(op_cond(FALSE, \() stop("no"), \() 1), 1)
  expect_equal(op_switch(2, list(\(x) x, \(x) x * 2), 4), 8)
  expect_equal(op_switch(as_tensor(9L), list(\() 1, \() 2)), 2)
  expect_equal(op_switch(-3, list(\() 1, \() 2)), 1)
  expect_gradient(function(x) {
    op_cond(op_sum(x) > 0, \() op_exp(x), \() op_square(x))
  }, c(1, 2))
  expect_error(op_cond(TRUE, 1, \() 1), class = "elman_error_argument")
  expect_error(op_cond(c(TRUE, FALSE), \() 1, \() 1),
               class = "elman_error_argument")
  expect_error(op_switch(1, list()), class = "elman_error_argument")
})

test_that("symbolic choices are made by the numbers of each run", {
  x <- layer_input(3)
  y <- op_cond(op_sum(x) > 0, \() x * 2, \() x - 1)
  z <- op_switch(op_cast(op_max(x), "int32"), list(\(x) x, \(x) x * 10), x)
  model <- keras_model(x, list(y, z))
  plus <- matrix(c(1, 0, 2), 1)
  got <- predict(model, plus, verbose = 0)
  expect_equal(got[[1]], plus * 2)
  expect_equal(got[[2]], plus * 10)
  expect_equal(predict(model, -plus, verbose = 0)[[1]], -plus - 1)
})

test_that("loops end with R's values and are differentiated", {
  got <- op_while_loop(\(i, x) i < 5, \(i, x) list(i + 1, x * 2),
                       list(0, f64(3)))
  expect_equal(as.double(got[[2]]), 3 * 2^5)
  one <- op_while_loop(\(i) i < 10, \(i) i + 3, as_tensor(1))
  expect_equal(as.double(one), 10)
  few <- op_while_loop(\(i) TRUE, \(i) i + 1L, 0L, maximum_iterations = 4)
  expect_identical(as.integer(few), 4L)
  expect_identical(as.integer(op_fori_loop(2, 5, \(i, v) v + i, 0L)), 9L)
  expect_identical(as.integer(op_fori_loop(5, 2, \(i, v) v + i, 7L)), 7L)
  expect_gradient(function(x) {
    op_while_loop(\(x) op_sum(x) < 50, \(x) x * x, x)
  }, c(1.5, 2))
  expect_gradient(function(x) op_fori_loop(0, 3, \(i, v) op_sin(v) + x, x), m)
  expect_error(op_while_loop(\(i) i < 2, \(i) list(i, i), list(0)),
               class = "elman_error_argument")
  expect_error(op_while_loop(\(i) op_sum(i) < 2, \(i) op_append(i, i), c(0, 0)),
               class = "elman_error_shape")
  expect_error(op_fori_loop(0, 1.5, \(i, v) v, 1),
               class = "elman_error_argument")
})

test_that("maps call a function with each slice", {
  expect_equal(as.double(op_map(m, \(x) op_sum(x))), rowSums(m))
  two <- op_vectorized_map(list(a = m, b = m), \(x) list(x$a + x$b, x$a[1]))
  expect_equal(as.array(two[[1]]), 2 * m)
  expect_equal(as.double(two[[2]]), m[, 1])
  expect_gradient(function(x, y) {
    op_map(list(x, y), \(s) op_matmul(s[[1]], s[[2]]))
  }, array(sin(1:12), c(2, 3, 2)), array(cos(1:8), c(2, 2, 2)))
  expect_error(op_map(list(m, t(m)), \(s) s[[1]]), class = "elman_error_shape")
  expect_error(op_map(m, 3), class = "elman_error_argument")
})

test_that("scans carry a value and stack results, in both directions", {
  got <- op_scan(\(c, x) list(c + x, c * x), 0, c(1, 2, 3, 4))
  expect_equal(as.double(got[[1]]), 10)
  expect_equal(as.double(got[[2]]), c(0, 2, 9, 24))
  back <- op_scan(\(c, x) list(c + x, c), 0, c(1, 2, 3), reverse = TRUE)
  expect_equal(as.double(back[[2]]), c(5, 3, 0))
  alone <- op_scan(\(c, x) list(c * 2, NULL), 1, length = 5)
  expect_equal(as.double(alone[[1]]), 32)
  expect_null(alone[[2]])
  expect_gradient(function(x, h) {
    op_scan(\(h, x) {
      h <- op_tanh(h + x)
      list(h, h)
    }, h, x)
  }, m, c(0.1, 0.2, 0.3))
  expect_error(op_scan(\(c, x) c, 0, 1:3), class = "elman_error_argument")
  expect_error(op_scan(\(c, x) list(c, c), 0), class = "elman_error_argument")
})

test_that("associative scans give running results of any length", {
  for (n in 1:9) {
    x <- f64(array(seq_len(n) + 0.5))
    expect_equal(as.double(op_associative_scan(\(a, b) a + b, x)),
                 cumsum(as.double(x)))
    expect_equal(as.double(op_associative_scan(\(a, b) a * b, x, TRUE)),
                 rev(cumprod(rev(as.double(x)))))
  }
  both <- op_associative_scan(\(a, b) list(a[[1]] * b[[1]],
                                           a[[2]] * b[[1]] + b[[2]]),
                              list(f64(m), f64(m)), axis = 2)
  want <- m
  for (k in 2:3) want[, k] <- want[, k - 1] * m[, k] + m[, k]
  expect_equal(as.array(both[[2]]), want)
  expect_gradient(function(x) op_associative_scan(\(a, b) a * b, x, axis = 2),
                  m)
})

test_that("functions of numbers become functions of arrays", {
  add <- op_vectorize(function(a, b) a + b)
  expect_equal(as.double(add(c(1, 2, 3), 2)), c(3, 4, 5))
  expect_equal(as.array(add(m, c(10, 20, 30))), sweep(m, 2, 1:3 * 10, `+`))
  times <- op_vectorize(\(a, v) op_matmul(a, v), signature = "(m,n),(n)->(m)")
  stack <- array(sin(1:12), c(2, 3, 2))
  got <- as.array(times(f64(stack), f64(c(1, 2))))
  expect_equal(got[2, ], drop(stack[2, , ] %*% 1:2))
  raw <- op_vectorize(\(a, f) f(a), excluded = 2)
  expect_equal(as.double(raw(c(1, 2), function(x) x * 3)), c(3, 6))
  expect_error(op_vectorize(\(a) a, signature = "m->n"),
               class = "elman_error_argument")
})

# ---- recorded steps ----------------------------------------------------------

test_that("a step that looks at numbers is not recorded, and trains right", {
  x <- layer_input(c(2, 2))
  hidden <- layer_dense(x, 2)
  model <- keras_model(x, op_expand_dims(op_det(hidden + diag(2)), -1))
  self <- unwrap_layer(model)
  compile(model, optimizer_sgd(0.1), "mse")
  plan <- training_plan(self)
  data <- array(sin(1:12), c(3, 2, 2))
  batch <- c(labelled_data(self, data, matrix(1, 3, 1)), size = 3L)
  step <- function(batch) {
    recorded <- record_gradients(function() batch_loss(plan, batch, TRUE),
                                 plan$variables)
    c(list(recorded$result$loss), recorded$gradients)
  }
  log <- step_log(new.env(), is_recordable(self))
  log$recordable <- TRUE
  record_step(log, "train", batch, step, lapply(batch_data(batch), data_form))
  expect_false(can_record(log, "train"))
  expect_length(log$programs, 0L)

  train <- function(record) {
    old <- record_steps(record)
    withr::defer(record_steps(old))
    set_weights(model, list(diag(2), c(0, 0)))
    fit(model, data, matrix(1, 3, 1), epochs = 4, verbose = 0, shuffle = FALSE)
    get_weights(model)
  }
  expect_identical(train(TRUE), train(FALSE))
})

test_that("what is decided by a number is refused while recording", {
  choose <- list(
    function(x) op_cond(op_sum(x) > 0, \() x, \() -x),
    function(x) op_while_loop(\(x) op_sum(x) < 9, \(x) x + 1, x),
    function(x) op_switch(op_cast(op_sum(x), "int32"), list(\(x) x), x),
    function(x) op_fori_loop(0, op_cast(op_sum(x), "int32"), \(i, v) v, x),
    function(x) op_bincount(op_cast(x, "int32")), function(x) op_nonzero(x),
    function(x) op_solve(op_diag(x), x)
  )
  recorded <- function(f) {
    notes <- start_recording(list(as_tensor(c(1, 2, 3))))
    on.exit(stop_recording())
    y <- f(notes$inputs[[1]])
    cpp_recording_end(list(if (is_list_of_tensors(y)) y[[1]] else y))
  }
  is_list_of_tensors <- function(y) is.list(y) && !is_tensor(y)
  for (f in choose) expect_type(recorded(f), "character")
  expect_type(recorded(function(x) op_sort(x) * 2), "externalptr")
})

test_that("symbolic choices and loops of known length are recorded", {
  x <- layer_input(3)
  hidden <- layer_dense(x, 3)
  y <- op_cond(op_sum(hidden) > 0, \() hidden * 2, \() hidden - 1)
  y <- op_fori_loop(0, 2, \(i, v) op_tanh(v) + op_sort(v), y)
  model <- keras_model(x, y)
  first <- matrix(1:6 / 3, 2)
  expect_records(model, first, -first, matrix(0.5, 2, 3))
})

test_that("branches, loops and slices that do not go together are named", {
  drawn <- keras_input(2)
  expect_error(op_cond(drawn, \() drawn, \() list(drawn, drawn)),
               "as many tensors", class = "elman_error_argument")
  expect_error(op_switch(1, list(\(x) x), x = 2), "must be unnamed",
               class = "elman_error_argument")
  expect_error(op_while_loop(\(x) TRUE, \(x) x, drawn), "not symbolic",
               class = "elman_error_state")
  expect_error(op_map(1, identity), "`xs` must have an axis",
               class = "elman_error_shape")
  expect_error(op_map(op_zeros(c(0, 2)), identity), "`xs` must have a slice",
               class = "elman_error_shape")
  expect_error(op_scan(\(c, x) list(c, x), 0, 1:3, length = 4),
               "`length` must be at most 3", class = "elman_error_argument")
  sums <- op_vectorize(\(a, b) op_sum(a), signature = "(m),(n)->()")
  expect_error(sums(1:3), "has 2 arguments, not 1",
               class = "elman_error_argument")
  expect_error(sums(1:3, 1), "lacks axes", class = "elman_error_shape")
})

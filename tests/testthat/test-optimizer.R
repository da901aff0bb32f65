# A variable of two numbers, and one update of it by plain gradient descent.
variable <- function(...) new_variable(as_tensor(array(c(...)), "float64"), "w")
update <- function(optimizer, v, ...) {
  optimizer$apply(list(as_tensor(array(c(...)), "float64")), list(v))
  as.numeric(v)
}

test_that("clipvalue cuts each element", {
  v <- variable(0, 0)
  expect_equal(update(optimizer_sgd(1, clipvalue = 0.5), v, 2, -0.1),
               c(-0.5, 0.1))
})

test_that("clipnorm shortens each gradient, global_clipnorm all together", {
  one <- as_tensor(array(c(3, 4)), "float64")
  two <- as_tensor(array(c(0, 12)), "float64")
  run <- function(optimizer) {
    v <- list(variable(0, 0), variable(0, 0))
    optimizer$apply(list(one, two), v)
    lapply(v, as.numeric)
  }
  got <- run(optimizer_sgd(1, clipnorm = 1))
  expect_equal(got, list(-c(0.6, 0.8), c(0, -1)))
  got <- run(optimizer_sgd(1, global_clipnorm = 1))
  expect_equal(got, list(-c(3, 4) / 13, c(0, -12 / 13)))
  short <- run(optimizer_sgd(1, global_clipnorm = 20))
  expect_equal(short, list(-c(3, 4), c(0, -12)))
})

test_that("weight decay takes its share before the update", {
  v <- variable(2, -4)
  got <- update(optimizer_sgd(0.5, weight_decay = 0.1), v, 1, 1)
  expect_equal(got, c(2, -4) * (1 - 0.05) - 0.5)
})

test_that("the loss scale is taken out of the gradients", {
  v <- variable(0, 0)
  expect_equal(update(optimizer_sgd(1, loss_scale_factor = 8), v, 8, 16),
               c(-1, -2))
})

test_that("accumulated gradients update with their mean", {
  optimizer <- optimizer_sgd(1, gradient_accumulation_steps = 2)
  v <- variable(0, 0)
  expect_equal(update(optimizer, v, 1, 2), c(0, 0))
  expect_equal(update(optimizer, v, 3, 4), -c(2, 3))
  expect_equal(update(optimizer, v, 1, 1), -c(2, 3))
  # Updates are counted, not calls.
  expect_equal(optimizer$iterations, 1)
  expect_equal(as.numeric(optimizer$variables[[1]]), 3)
})

test_that("moving averages overwrite the weights every so often", {
  optimizer <- optimizer_sgd(1, use_ema = TRUE, ema_momentum = 0.5,
                             ema_overwrite_frequency = 2)
  v <- variable(0, 0)
  # The first average is the weights: -1; then (-1 - 2) / 2 takes their place.
  expect_equal(update(optimizer, v, 1, 1), c(-1, -1))
  expect_equal(update(optimizer, v, 1, 1), c(-1.5, -1.5))
})

test_that("constraints hold after each update", {
  v <- variable(0.2, 1)
  v$constraint <- get_constraint("non_neg")
  expect_equal(update(optimizer_sgd(1), v, 1, 0.5), c(0, 0.5))
})

test_that("learning rates may be functions of the iteration and be set", {
  seen <- numeric()
  optimizer <- optimizer_sgd(function(step) {
    seen <<- c(seen, step)
    1 / (1 + step)
  })
  v <- variable(0)
  expect_equal(update(optimizer, v, 1), -1)
  expect_equal(update(optimizer, v, 1), -1.5)
  expect_equal(seen, c(0, 1))
  optimizer <- optimizer_sgd(1)
  optimizer$learning_rate <- 0.25
  expect_equal(update(optimizer, variable(0), 1), -0.25)
})

test_that("variables without a gradient stay, slots of the others move", {
  a <- variable(1)
  b <- variable(1)
  optimizer <- optimizer_adam(0.1)
  gradients <- list(NULL, as_tensor(array(1), "float64"))
  expect_warning(optimizer$apply(gradients, list(a, b)), "does not depend on",
                 class = "elman_warning")
  expect_no_warning(optimizer$apply(gradients, list(a, b)))
  expect_equal(as.numeric(a), 1)
  expect_lt(as.numeric(b), 1)
  expect_equal(as.numeric(optimizer$slots[[1]][[1]]), 0)
})

test_that("slots of known variables survive a change of the set", {
  a <- variable(1)
  b <- variable(1)
  optimizer <- optimizer_sgd(0.1, momentum = 0.5)
  one <- as_tensor(array(1), "float64")
  optimizer$apply(list(one, one), list(a, b))
  kept <- as.numeric(optimizer$slots[[1]][[2]])
  optimizer$build(list(b))
  expect_equal(as.numeric(optimizer$slots[[1]][[1]]), kept)
})

test_that("variables are the iteration, the rate and the slots", {
  v <- variable(1, 2)
  optimizer <- optimizer_adam(0.5)
  expect_length(optimizer$variables, 2)
  update(optimizer, v, 1, 1)
  got <- lapply(optimizer$variables, as.numeric)
  expect_equal(got[[1]], 1)
  expect_equal(got[[2]], 0.5)
  expect_length(got, 4)
})

test_that("optimizers are found by name, object and function", {
  for (x in list("adam", "Adam", optimizer_adam, optimizer_adam())) {
    expect_s3_class(resolve_optimizer(x), "Adam")
  }
  expect_s3_class(resolve_optimizer("RMSprop"), "RMSprop")
  expect_s3_class(resolve_optimizer("SGD"), "SGD")
})

test_that("an optimizer is made again from its configuration", {
  optimizer <- optimizer_rmsprop(0.1, momentum = 0.5, clipnorm = 1)
  again <- from_config(get_config(optimizer))
  expect_equal(get_config(again), get_config(optimizer))
})

test_that("older scripts may say lr, and decay is ignored", {
  expect_equal(optimizer_adam(lr = 0.5)$learning_rate, 0.5)
  expect_warning(optimizer_sgd(lr = 0.1, decay = 1e-6), "decay",
                 class = "elman_warning")
  optimizer <- optimizer_sgd()
  optimizer$lr <- 0.25
  expect_equal(optimizer$learning_rate, 0.25)
  expect_equal(optimizer$lr, 0.25)
})

test_that("the learning rate stands in its variable", {
  optimizer <- optimizer_adam(0.001)
  expect_identical(optimizer$learning_rate, 0.001)
  optimizer$variables[[2]]$assign(0.25)
  expect_equal(optimizer$learning_rate, 0.25)
  optimizer$learning_rate <- learning_rate_schedule_exponential_decay(1, 1, 0.5)
  expect_length(optimizer$variables, 1)
  expect_error(optimizer$learning_rate <- 0.1, class = "elman_error_state")
})

test_that("variables can be left out of the decay, by themselves or by path", {
  kernel <- new_variable(as_tensor(1), "kernel", path = "dense/kernel")
  bias <- new_variable(as_tensor(1), "bias", path = "dense/bias")
  decayed <- function(...) {
    optimizer <- optimizer_sgd(1, weight_decay = 0.5)
    optimizer$exclude_from_weight_decay(...)
    variable_assign(kernel, as_tensor(1))
    variable_assign(bias, as_tensor(1))
    zero <- as_tensor(0)
    optimizer$apply(list(zero, zero), list(kernel, bias))
    c(as.numeric(kernel), as.numeric(bias))
  }
  expect_equal(decayed(), c(0.5, 0.5))
  expect_equal(decayed(var_names = "bias"), c(0.5, 1))
  expect_equal(decayed(var_list = list(kernel)), c(1, 0.5))
  expect_equal(decayed(list(kernel), c("nothing", "b.as")), c(1, 1))
  optimizer <- optimizer_sgd()
  optimizer$build(list(kernel))
  expect_error(optimizer$exclude_from_weight_decay(),
               class = "elman_error_state")
})

test_that("averages become the weights, or change places with them", {
  optimizer <- optimizer_sgd(1, use_ema = TRUE, ema_momentum = 0.5)
  v <- variable(0)
  update(optimizer, v, 1)
  update(optimizer, v, 1)
  optimizer$swap_averages()
  expect_equal(as.numeric(v), -1.5)
  optimizer$swap_averages()
  expect_equal(as.numeric(v), -2)
  optimizer$finalize_variable_values(list(v))
  expect_equal(as.numeric(v), -1.5)
  expect_error(optimizer_sgd()$swap_averages(), class = "elman_error_state")
})

test_that("averages follow the weights while gradients are gathered", {
  optimizer <- optimizer_sgd(1, use_ema = TRUE, ema_momentum = 0.5,
                             gradient_accumulation_steps = 2)
  v <- variable(2)
  update(optimizer, v, 1)
  expect_equal(as.numeric(optimizer$averages[[1]]), 2)
  # The first update counts as the first step: its average is the weights.
  update(optimizer, v, 1)
  expect_equal(as.numeric(optimizer$averages[[1]]), 1)
  update(optimizer, v, 1)
  update(optimizer, v, 1)
  expect_equal(as.numeric(optimizer$averages[[1]]), 0.5)
})

test_that("an update changes the memory of variables, constraints included", {
  v <- variable(0.2, 1)
  v$constraint <- get_constraint("non_neg")
  memory <- .subset2(v, "value")
  update(optimizer_adam(0.5), v, 1, 0.5)
  expect_equal(as.numeric(memory), as.numeric(v))
  expect_equal(as.numeric(memory)[1], 0)
})

test_that("some of the variables can be updated, in any order", {
  a <- variable(1)
  b <- variable(1)
  optimizer <- optimizer_sgd(1)
  optimizer$build(list(a, b))
  optimizer$apply(list(array(0.5), array(0.25)), list(b, a))
  expect_equal(c(as.numeric(a), as.numeric(b)), c(0.75, 0.5))
  optimizer$apply_gradients(list(list(array(0.5), a)))
  expect_equal(c(as.numeric(a), as.numeric(b)), c(0.25, 0.5))
  expect_error(optimizer$apply(list(array(1)), list(variable(1))),
               class = "elman_error_state")
})

test_that("variables stand in Keras's order", {
  stored <- function(optimizer) {
    optimizer$build(list(new_variable(op_zeros(2), "a", path = "m/a"),
                         new_variable(op_zeros(3), "b", path = "m/b")))
    vapply(optimizer$variables, function(v) .subset2(v, "name"), "")
  }
  expect_equal(
    stored(optimizer_adam(amsgrad = TRUE, use_ema = TRUE,
                          gradient_accumulation_steps = 2)),
    c("iteration", "learning_rate", "m_a_average", "m_b_average",
      "m_a_gradient_accumulator", "m_b_gradient_accumulator", "m_a_momentum",
      "m_a_velocity", "m_b_momentum", "m_b_velocity", "m_a_velocity_hat",
      "m_b_velocity_hat")
  )
  expect_equal(
    stored(optimizer_rmsprop(momentum = 0.5, centered = TRUE))[-(1:2)],
    c("m_a_velocity", "m_b_velocity", "m_a_momentum", "m_b_momentum",
      "m_a_average_gradient", "m_b_average_gradient")
  )
})

test_that("set_weights restores an optimizer", {
  v <- variable(1, 2)
  w <- variable(1, 2)
  optimizer <- optimizer_adam(0.5)
  update(optimizer, v, 1, -1)
  copy <- optimizer_adam(0.1)
  copy$build(list(w))
  copy$set_weights(lapply(optimizer$variables, as.array))
  variable_assign(w, v$value)
  expect_identical(update(copy, w, 3, 1), update(optimizer, v, 3, 1))
  expect_error(copy$set_weights(list(1)), "weights",
               class = "elman_error_argument")
  expect_error(optimizer_sgd()$set_weights(list()), class = "elman_error_state")
})

test_that("every optimizer makes the loss smaller, with all options at once", {
  data <- series_data()
  optimizers <- every_optimizer(global_clipnorm = 1, weight_decay = 0.01,
                                use_ema = TRUE, ema_overwrite_frequency = 3,
                                gradient_accumulation_steps = 2)
  for (name in names(optimizers)) {
    set.seed(1)
    model <- compiled_model(optimizers[[name]])
    before <- evaluate(model, data$x, data$y, verbose = 0)
    fit(model, data$x, data$y, epochs = 15, batch_size = 8, verbose = 0)
    after <- evaluate(model, data$x, data$y, verbose = 0)
    expect_lt(as.numeric(after), as.numeric(before), label = name)
  }
})

test_that("a saved model trains on to the same bits", {
  data <- series_data()
  optimizers <- every_optimizer(use_ema = TRUE, gradient_accumulation_steps = 2)
  optimizers$scheduled <- optimizer_adam(
    learning_rate_schedule_exponential_decay(0.1, 3, 0.5)
  )
  for (name in names(optimizers)) {
    set.seed(1)
    model <- compiled_model(optimizers[[name]])
    train <- function(model) {
      for (k in 1:3) train_on_batch(model, data$x, data$y)
    }
    train(model)
    file <- withr::local_tempfile()
    saveRDS(model, file)
    again <- readRDS(file)
    train(model)
    train(again)
    expect_identical(weight_bits(again), weight_bits(model), label = name)
  }
})

test_that("a recorded update goes on as one that is not", {
  rate <- learning_rate_schedule_exponential_decay(0.1, 1, 0.5)
  ways <- c(every_optimizer(global_clipnorm = 1, weight_decay = 0.1,
                            use_ema = TRUE, ema_overwrite_frequency = 2,
                            gradient_accumulation_steps = 2),
            scheduled = optimizer_sgd(rate))
  plain <- c(every_optimizer(global_clipnorm = 1, weight_decay = 0.1,
                             use_ema = TRUE, ema_overwrite_frequency = 2,
                             gradient_accumulation_steps = 2),
             scheduled = optimizer_sgd(rate))
  gradient <- function(k) as_tensor(array(sin(k + 1:6), 2:3))
  for (name in names(ways)) {
    made <- function() {
      new_variable(as_tensor(array(cos(1:6), 2:3)), "w",
                   constraint = get_constraint("max_norm"))
    }
    step <- function(optimizer, v, g) {
      optimizer$apply(list(g), list(v))
      list(op_sum(g))
    }
    v <- made()
    w <- made()
    step(ways[[name]], v, gradient(1))
    notes <- start_recording(list(gradient(2)))
    pointer <- cpp_recording_end(step(ways[[name]], v, notes$inputs[[1]]))
    stop_recording()
    expect_type(pointer, "externalptr")
    program <- new_program(pointer, notes, form = NULL)
    for (k in 3:6) replay(program, list(gradient(k)))
    for (k in 1:6) step(plain[[name]], w, gradient(k))
    expect_identical(as.array(v), as.array(w), label = name)
    expect_equal(ways[[name]]$iterations, plain[[name]]$iterations)
  }
})

test_that("any number of threads gives the same bits", {
  run <- function(threads) {
    with_threads(threads, {
      v <- new_variable(as_tensor(array(sin(1:90000), c(300, 300))), "w")
      g <- as_tensor(array(cos(1:90000), c(300, 300)))
      optimizer <- optimizer_muon(clipnorm = 0.5)
      for (k in 1:2) optimizer$apply(list(g), list(v))
      as.vector(as.array(v))
    })
  }
  expect_identical(run(3), run(1))
})

test_that("configurations are Keras's, and make every optimizer again", {
  expect_equal(
    names(get_config(optimizer_adam())),
    c("name", "learning_rate", "weight_decay", "clipnorm", "global_clipnorm",
      "clipvalue", "use_ema", "ema_momentum", "ema_overwrite_frequency",
      "loss_scale_factor", "gradient_accumulation_steps", "beta_1", "beta_2",
      "epsilon", "amsgrad")
  )
  for (optimizer in every_optimizer(clipvalue = 0.5)) {
    again <- resolve_optimizer(serialize_object(optimizer))
    expect_equal(class(again), class(optimizer))
    expect_equal(get_config(again), get_config(optimizer))
    expect_s3_class(resolve_optimizer(get_config(optimizer)), class(again)[1])
  }
})

test_that("wrong arguments are named", {
  expect_snapshot(error = TRUE, {
    resolve_optimizer("adma")
    resolve_optimizer(list(1))
    resolve_optimizer(1)
    optimizer_sgd(learning_rate = -1)
    optimizer_sgd(clipnorm = 1, clipvalue = 1)
    optimizer_sgd(clipnorm = 0)
    optimizer_adam(beta_1 = 2)
    optimizer_adam(gradient_accumulation_steps = 1)
    optimizer_adam(beta1 = 0.1)
    optimizer_adam(0.1, weight_decay = -1)
    optimizer_sgd(loss_scale_factor = 0)
  })
})

test_that("gradients that do not fit are named before anything changes", {
  v <- variable(1, 2)
  optimizer <- optimizer_sgd(1)
  expect_snapshot(error = TRUE, {
    optimizer$apply(list(as_tensor(1)))
    optimizer$apply(list(as_tensor(array(1:3), "float64")), list(v))
    optimizer$apply(list(as_tensor(array(c(1, 2)), "float32")), list(v))
    optimizer$apply(list(NULL), list(v))
    optimizer$apply(list(1, 2), list(v))
  })
  expect_equal(as.numeric(v), c(1, 2))
})

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
  expect_equal(optimizer$iterations, 3)
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
  optimizer$apply(list(NULL, as_tensor(array(1), "float64")), list(a, b))
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
  expect_equal(optimizer$variables, list())
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

test_that("wrong arguments are named", {
  expect_snapshot(error = TRUE, {
    resolve_optimizer("adma")
    resolve_optimizer(1)
    optimizer_sgd(learning_rate = -1)
    optimizer_sgd(clipnorm = 1, clipvalue = 1)
    optimizer_sgd(clipnorm = 0)
    optimizer_adam(beta_1 = 2)
    optimizer_adam(gradient_accumulation_steps = 1)
    optimizer_adam(decay = 0.1)
  })
})

# The settings of optimizers: fields for users, one list for the kernel.

test_that("settings are fields, of copies apart, and are told in one list", {
  made <- every_optimizer()
  for (optimizer in made[names(made) != "loss_scale"]) {
    told <- optimizer$step_attributes()
    expect_named(told)
    expect_false(anyDuplicated(names(told)) > 0)
    for (name in names(told)) expect_identical(optimizer[[name]], told[[name]])
    copy <- unserialize(serialize(optimizer, NULL))
    copy$ema_momentum <- 0.5
    copy$weight_decay <- NULL
    expect_equal(optimizer$ema_momentum, 0.99)
    expect_identical(optimizer$step_attributes(), told)
    told["ema_momentum"] <- 0.5
    told["weight_decay"] <- list(NULL)
    expect_identical(copy$step_attributes(), told)
    expect_null(copy$weight_decay)
  }
  inner <- made$loss_scale$inner_optimizer
  expect_identical(made$loss_scale$step_attributes()$dynamic_growth_steps, 2L)
  inner$beta_1 <- 0.8
  expect_identical(made$loss_scale$step_attributes()$beta_1, 0.8)
})

test_that("names are found however they are spelled", {
  for (name in c("adam", "Adam", "ADAM")) {
    expect_identical(find_constructor(name, "optimizer_", "optimizer"),
                     optimizer_adam)
  }
  expect_identical(named_loss("BinaryCrossentropy"), loss_binary_crossentropy)
  expect_identical(named_metric("mse"), metric_mean_squared_error)
})

test_that("an unknown name is met with the nearest", {
  expect_snapshot(error = TRUE, {
    named_loss("mean_squared_eror")
    named_optimizer("rmsporp")
    named_metric("xyzzy")
  })
})

test_that("helpers that share a prefix are no constructors", {
  expect_false("value" %in% public_names("loss_"))
  expect_false("options" %in% public_names("optimizer_"))
})

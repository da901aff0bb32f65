# Instances of the classes that users write, and how they are made.

test_that("a class inherits through super, one level at a time", {
  layer_a <- Layer(
    "A",
    initialize = function(x) {
      super$initialize()
      self$x <- x
    },
    call = function(x) x * self$x,
    whoami = function() "a"
  )
  layer_b <- Layer(
    "B", inherit = layer_a,
    initialize = function(x) super()$`__init__`(x^2),
    call = function(self, x, ...) super$call(x) + 1,
    whoami = function() c("b", super$whoami())
  )
  layer_c <- Layer("C", inherit = layer_b,
                   whoami = function() c("c", super$whoami()))
  layer <- layer_c(x = 3)
  expect_identical(names(formals(layer_c)), c("object", "x"))
  expect_s3_class(layer, c("C", "B", "A"), exact = FALSE)
  expect_identical(as.numeric(layer(as_tensor(2))), 19)
  expect_identical(layer$whoami(), c("c", "b", "a"))
})

test_that("private members and properties work", {
  counter <- Layer(
    "Counter",
    call = function(inputs) {
      private$bump()
      inputs
    },
    count = active_property(function() private$n),
    limit = mark_active(function(value) {
      if (missing(value)) private$n else private$n <- value
    }),
    private = list(n = 0, bump = function() private$n <- private$n + 1)
  )
  one <- counter()
  two <- counter()
  one(1:3)
  one(1:3)
  expect_identical(c(one$count, two$count), c(2, 0))
  one$limit <- 9
  expect_identical(one$count, 9)
  expect_error(one$n, class = "elman_error_argument")
})

test_that("methods see where they were written", {
  factor <- 3
  make <- function() {
    shift <- 1
    Layer("Near", call = function(inputs) inputs * factor + shift)
  }
  layer <- make()()
  expect_identical(as.numeric(layer(as_tensor(2))), 7)
  factor <- 5
  expect_identical(as.numeric(layer(as_tensor(2))), 11)
  elsewhere <- new.env()
  elsewhere$factor <- 2
  far <- Layer("Far", call = function(inputs) inputs * factor,
               parent_env = elsewhere)
  expect_identical(as.numeric(far()(as_tensor(2))), 4)
})

test_that("only given arguments reach initialize, defaults are its own", {
  seen <- NULL
  layer_seen <- Layer("Seen", initialize = function(a, b = self$fallback, ...) {
    super$initialize(...)
    seen <<- list(a = if (missing(a)) "missing" else a, b = b)
  }, fallback = "from self")
  layer_seen()
  expect_identical(seen, list(a = "missing", b = "from self"))
  layer_seen(b = NULL, )
  expect_identical(seen, list(a = "missing", b = NULL))
  forward <- function(a) layer_seen(a = a)
  forward()
  expect_identical(seen$a, "missing")
  layer_seen(a = quote(x + y), name = "named")
  expect_identical(seen$a, quote(x + y))
})

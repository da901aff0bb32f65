test_that("Keras's examples hold", {
  layer <- layer_text_vectorization(max_tokens = 5000, output_mode = "int",
                                    output_sequence_length = 4)
  expect_identical(adapt(layer, c("foo bar", "bar baz", "baz bada boom")),
                   layer)
  expect_identical(layer(matrix(c("foo qux bar", "qux baz"))),
                   rbind(c(4L, 1L, 3L, 0L), c(1L, 2L, 0L, 0L)))
  given <- layer_text_vectorization(
    vocabulary = c("earth", "wind", "and", "fire")
  )
  expect_identical(get_vocabulary(given),
                   c("", "[UNK]", "earth", "wind", "and", "fire"))
  expect_identical(get_vocabulary(given, include_special_tokens = FALSE),
                   c("earth", "wind", "and", "fire"))
})

test_that("frequent tokens come first, ties from the last to the first", {
  layer <- layer_text_vectorization(max_tokens = 5)
  adapt(layer, c("b a \u00e9 a c", "c z"))
  expect_identical(get_vocabulary(layer), c("", "[UNK]", "c", "a", "\u00e9"))
})

test_that("adapting in batches is adapting at once, and forgets the past", {
  texts <- c("a b b", "c b a", "d", "")
  whole <- adapt(layer_text_vectorization(output_mode = "tf_idf"), texts)
  parts <- adapt(layer_text_vectorization(output_mode = "tf_idf"), "old")
  at <- 0
  batches <- function() {
    at <<- at + 1
    if (at <= 4) texts[at]
  }
  adapt(parts, batches)
  expect_identical(get_vocabulary(parts), get_vocabulary(whole))
  expect_identical(parts(texts), whole(texts))
  at <- 0
  adapt(parts, batches, steps = 1)
  expect_identical(get_vocabulary(parts), c("[UNK]", "b", "a"))
})

test_that("the modes count what the definitions say", {
  texts <- c("a b a", "b x", "")
  make <- function(...) {
    layer_text_vectorization(vocabulary = c("a", "b"), ...)
  }
  expect_identical(make(output_mode = "count")(texts),
                   rbind(c(0L, 2L, 1L), c(1L, 0L, 1L), 0L))
  expect_identical(make(output_mode = "multi_hot")(texts),
                   rbind(c(0L, 1L, 1L), c(1L, 0L, 1L), 0L))
  expect_identical(make(output_mode = "binary")(texts),
                   make(output_mode = "multi_hot")(texts))
  expect_equal(make(output_mode = "tf-idf", idf_weights = c(2, 4))(texts),
               rbind(c(0, 4, 4), c(3, 0, 4), 0))
  told <- layer_text_vectorization(
    vocabulary = c("[UNK]", "a", "b"), output_mode = "tf_idf",
    idf_weights = c(1, 2, 4)
  )
  expect_equal(told(texts), rbind(c(0, 4, 4), c(1, 0, 4), 0))
  wide <- make(output_mode = "count", max_tokens = 5, pad_to_max_tokens = TRUE)
  expect_equal(dim(wide(texts)), c(3, 5))
  weights <- adapt(layer_text_vectorization(output_mode = "tf_idf"), texts)
  # "b" is in two of three texts.
  expect_equal(weights("b")[get_vocabulary(weights) == "b"],
               log(1 + 3 / (1 + 2)))
})

test_that("lengths are the longest text's, or the given one", {
  layer <- layer_text_vectorization(vocabulary = letters)
  expect_identical(layer(c("a", "b c")), rbind(c(2L, 0L), c(3L, 4L)))
  expect_equal(dim(layer(c("", ""))), c(2, 0))
  ragged <- layer_text_vectorization(vocabulary = letters, ragged = TRUE)
  expect_identical(ragged(c("a", "b c", "")), list(2L, 3:4, integer()))
})

test_that("splitting and standardizing follow their arguments", {
  voc <- function(text, ...) {
    sort(get_vocabulary(adapt(layer_text_vectorization(...), text), FALSE),
         method = "radix")
  }
  expect_identical(voc("A-b\u00c9 C.", standardize = "lower"),
                   c("a-b\u00c9", "c."))
  expect_identical(voc("A-b\u00c9 C.", standardize = "strip_punctuation"),
                   c("Ab\u00c9", "C"))
  expect_identical(voc("A-b", standardize = NULL), "A-b")
  expect_identical(voc("A-b", standardize = function(x) gsub("-", "+", x)),
                   "A+b")
  expect_identical(voc("a\u00e9\u4e2d", split = "character"),
                   c("a", "\u00e9", "\u4e2d"))
  expect_identical(voc(c("a b", "c"), split = NULL), c("a b", "c"))
  expect_identical(voc("a,b", standardize = NULL,
                       split = function(x) strsplit(x, ",")), c("a", "b"))
  expect_identical(voc("a b c", ngrams = 2), c("a", "a b", "b", "b c", "c"))
  expect_identical(voc("a b c", ngrams = c(2, 3)), c("a b", "a b c", "b c"))
  expect_identical(voc(" a \t\n b\v", split = "whitespace"), c("a", "b"))
})

test_that("without a split, strings are tokens", {
  layer <- layer_text_vectorization(vocabulary = c("a", "b c"), split = NULL)
  expect_identical(layer(c("b c", "x", "")), array(c(3L, 1L, 0L)))
  expect_identical(layer(matrix(c("a", "", "b c", "a"), 2)),
                   rbind(c(2L, 3L), c(0L, 2L)))
})

test_that("vocabularies come from files and by set_vocabulary()", {
  path <- withr::local_tempfile(lines = c("wind", "fire"))
  layer <- layer_text_vectorization(vocabulary = path)
  expect_identical(layer("fire wind"), matrix(c(3L, 2L), 1))
  free <- layer_text_vectorization()
  expect_identical(set_vocabulary(free, list("", "[UNK]", "x")), free)
  expect_identical(free("x y"), matrix(c(2L, 1L), 1))
})

test_that("a layer comes back from its configuration and from saveRDS", {
  layer <- layer_text_vectorization(
    max_tokens = 9, ngrams = 2, output_mode = "tf_idf",
    vocabulary = c("a", "b"), idf_weights = c(1, 2), name = "words"
  )
  back <- from_config(get_config(layer))
  expect_identical(back("a b c"), layer("a b c"))
  expect_identical(get_config(back), get_config(layer))
  path <- withr::local_tempfile()
  saveRDS(layer, path)
  expect_identical(readRDS(path)("a b c"), layer("a b c"))
})

test_that("its numbers train a model", {
  texts <- c("good fine good", "bad awful", "fine good", "awful bad bad")
  layer <- layer_text_vectorization(output_mode = "multi_hot")
  adapt(layer, texts)
  x <- layer(texts)
  set.seed(1)
  model <- keras_model_sequential(input_shape = ncol(x)) |>
    layer_dense(1, activation = "sigmoid")
  compile(model, optimizer_adam(0.1), "binary_crossentropy")
  fit(model, x, c(1, 0, 1, 0), epochs = 30)
  expect_equal(as.vector(predict(model, x)) > 0.5, c(TRUE, FALSE, TRUE, FALSE))
})

test_that("what does not fit is named", {
  fresh <- layer_text_vectorization(name = "fresh")
  given <- layer_text_vectorization(vocabulary = "a b" |> as.list(),
                                    name = "given")
  expect_snapshot(error = TRUE, {
    fresh("a")
    adapt(given, "a")
    adapt(layer_dense(units = 1, name = "d"), 1)
    adapt(fresh, 1:3)
    adapt(fresh, "a", steps = 2)
    adapt(fresh, matrix("a", 1, 2))
    given(keras_input(1))
    keras_model_sequential() |> layer_text_vectorization()
    layer_text_vectorization(output_mode = "ints")
    layer_text_vectorization(split = "word")
    layer_text_vectorization(ngrams = 0)
    layer_text_vectorization(max_tokens = 1)
    layer_text_vectorization(sparse = TRUE)
    layer_text_vectorization(output_mode = "count", ragged = TRUE)
    layer_text_vectorization(output_mode = "count",
                             output_sequence_length = 3)
    layer_text_vectorization(pad_to_max_tokens = TRUE)
    layer_text_vectorization(idf_weights = 1)
    layer_text_vectorization(vocabulary = c("a", "b", "a"))
    layer_text_vectorization(vocabulary = c("a", ""))
    layer_text_vectorization(vocabulary = letters, max_tokens = 10)
    layer_text_vectorization(vocabulary = "no such file")
    layer_text_vectorization(vocabulary = c("a", "b"), output_mode = "tf_idf")
    set_vocabulary(fresh, c("a", "b"), idf_weights = 1:2)
    get_vocabulary(layer_dense(units = 1, name = "e"))
  })
  two <- layer_text_vectorization(split = function(x) x)
  expect_error(adapt(two, c("a", "b")), "`split`",
               class = "elman_error_argument")
})

test_that("texts are cut as Python's Tokenizer cuts them", {
  expect_identical(
    text_to_word_sequence("Time, and-time\tagain\\ [x]^y.\n"),
    c("time", "and", "time", "again", "x", "y")
  )
  expect_identical(text_to_word_sequence("It's \u00c9t\u00e9!"),
                   c("it's", "\u00e9t\u00e9"))
  expect_identical(text_to_word_sequence("A b", lower = FALSE), c("A", "b"))
  expect_identical(text_to_word_sequence("a.b c", filters = "", split = "."),
                   c("a", "b c"))
  expect_identical(text_to_word_sequence("a-b\u00d7c", filters = "-\u00d7",
                                         split = "||"), c("a", "b", "c"))
  expect_identical(text_to_word_sequence("a\\b", split = "\\"), c("a", "b"))
  expect_identical(text_to_word_sequence("  "), character())
})

test_that("MD5 is the one of the files' sums", {
  words <- c("", "a", "abc", "\u00e9", strrep("x", 55), strrep("x", 56),
             strrep("y", 64), strrep("z", 300))
  paths <- vapply(words, function(w) {
    path <- tempfile()
    writeBin(charToRaw(enc2utf8(w)), path)
    path
  }, "")
  on.exit(unlink(paths))
  hex <- apply(md5_bytes(words), 2, function(b) {
    paste(sprintf("%02x", b), collapse = "")
  })
  expect_identical(hex, unname(tools::md5sum(paths)))
})

test_that("hashed words are Python's for md5", {
  # hashing_trick("the cat sat the mat", 100, "md5") of Keras 3.15.1
  expect_identical(
    text_hashing_trick("The cat sat, the mat", 100, hash_function = "md5"),
    c(51L, 3L, 10L, 51L, 26L)
  )
  expect_identical(text_one_hot("The cat sat, the mat", 100),
                   c(51L, 3L, 10L, 51L, 26L))
  own <- text_hashing_trick("a bb ccc", 3, hash_function = nchar)
  expect_identical(own, c(2L, 1L, 2L))
  expect_true(all(text_hashing_trick("a b c d e f g", 3) %in% 1:2))
})

test_that("what is no text is named", {
  expect_snapshot(error = TRUE, {
    text_to_word_sequence(1)
    text_to_word_sequence(NA_character_)
    text_to_word_sequence("a", split = "")
    text_to_word_sequence("a", filters = 1)
    text_hashing_trick("a", 1)
    text_hashing_trick("a", 9, hash_function = "sha1")
    text_hashing_trick("a", 9, hash_function = toupper)
  })
  broken <- "caf\xe9"
  Encoding(broken) <- "UTF-8"
  expect_error(text_to_word_sequence(broken), "text 1 is not",
               class = "elman_error_argument")
})

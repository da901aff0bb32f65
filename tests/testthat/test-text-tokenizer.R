texts <- c("The cat sat on the mat.", "The dog sat!", "")

test_that("words are numbered by frequency, ties by first appearance", {
  tokenizer <- text_tokenizer()
  expect_identical(fit_text_tokenizer(tokenizer, texts), tokenizer)
  expect_identical(names(tokenizer$word_index),
                   c("the", "sat", "cat", "on", "mat", "dog"))
  expect_identical(unlist(tokenizer$word_index, use.names = FALSE), 1:6)
  expect_identical(tokenizer$word_index$sat, 2L)
  expect_identical(tokenizer$index_word[["3"]], "cat")
  expect_identical(tokenizer$word_counts$the, 3L)
  expect_identical(tokenizer$word_docs$the, 2L)
  expect_identical(tokenizer$document_count, 3L)
})

test_that("fitting twice counts on, as one fit of all", {
  one <- fit_text_tokenizer(text_tokenizer(), texts)
  two <- text_tokenizer()
  for (text in texts) fit_text_tokenizer(two, text)
  at <- 0
  three <- fit_text_tokenizer(text_tokenizer(), function() {
    at <<- at + 1
    if (at <= 3) texts[at]
  })
  expect_identical(two$word_index, one$word_index)
  expect_identical(three$word_index, one$word_index)
  expect_identical(three$word_docs, one$word_docs)
})

test_that("num_words and oov_token rule what becomes a number", {
  plain <- fit_text_tokenizer(text_tokenizer(num_words = 3), texts)
  expect_identical(texts_to_sequences(plain, c("the cat sat", "")),
                   list(1:2, integer()))
  token <- fit_text_tokenizer(text_tokenizer(num_words = 3,
                                             oov_token = "?"), texts)
  expect_identical(token$word_index[["?"]], 1L)
  expect_identical(texts_to_sequences(token, "the cat sat up"),
                   list(c(2L, 1L, 1L, 1L)))
  expect_identical(sequences_to_texts(token, list(c(2, 1, 0, 9))),
                   "the ? ? ?")
  expect_identical(sequences_to_texts(plain, list(c(2, 1, 0, 9))), "sat the")
})

test_that("a generator gives the sequences one by one", {
  tokenizer <- fit_text_tokenizer(text_tokenizer(), texts)
  expect_identical(iterate(texts_to_sequences_generator(tokenizer, texts),
                           simplify = FALSE),
                   texts_to_sequences(tokenizer, texts))
})

test_that("rows hold what the mode says", {
  tokenizer <- fit_text_tokenizer(text_tokenizer(), texts)
  count <- texts_to_matrix(tokenizer, texts, "count")
  expect_equal(dim(count), c(3, 7))
  expect_equal(count[1, ], c(0, 2, 1, 1, 1, 1, 0))
  expect_equal(texts_to_matrix(tokenizer, texts), (count > 0) + 0)
  expect_equal(texts_to_matrix(tokenizer, texts, "freq")[2, ],
               c(0, 1, 1, 0, 0, 0, 1) / 3)
  tfidf <- texts_to_matrix(tokenizer, texts, "tfidf")
  expect_equal(tfidf[1, 2], (1 + log(2)) * log(1 + 3 / (1 + 2)))
  expect_equal(tfidf[3, ], numeric(7))
  expect_equal(sequences_to_matrix(tokenizer, list(c(1, 1, 9)), "count")[1, ],
               c(0, 2, 0, 0, 0, 0, 0))
})

test_that("characters and texts that are cut already are words too", {
  letters_of <- fit_text_tokenizer(text_tokenizer(char_level = TRUE),
                                   c("\u00e9a", "a b"))
  expect_identical(names(letters_of$word_index), c("a", "\u00e9", " ", "b"))
  cut <- fit_text_tokenizer(text_tokenizer(), list(c("A b", "c"), "d e"))
  expect_identical(names(cut$word_index), c("a b", "c", "d", "e"))
  expect_identical(texts_to_sequences(cut, list(list("c", "A B"))),
                   list(2:1))
})

test_that("a tokenizer comes back from its file", {
  tokenizer <- fit_text_tokenizer(text_tokenizer(20, oov_token = "?"), texts)
  path <- withr::local_tempfile()
  expect_identical(save_text_tokenizer(tokenizer, path), tokenizer)
  back <- load_text_tokenizer(path)
  expect_identical(back$word_index, tokenizer$word_index)
  expect_identical(texts_to_matrix(back, texts, "tfidf"),
                   texts_to_matrix(tokenizer, texts, "tfidf"))
  fit_text_tokenizer(back, "mat mat mat mat")
  expect_identical(back$word_index$mat, 2L)
  saveRDS(1, path)
  expect_error(load_text_tokenizer(path), class = "elman_error_file")
  expect_error(load_text_tokenizer(tempfile()), class = "elman_error_file")
  expect_error(save_text_tokenizer(tokenizer, file.path(path, "x")),
               class = "elman_error_file")
})

test_that("what is no text or no tokenizer is named", {
  tokenizer <- text_tokenizer()
  expect_snapshot(error = TRUE, {
    fit_text_tokenizer(tokenizer, 1:3)
    texts_to_sequences(list(), "a")
    texts_to_matrix(tokenizer, "a")
    texts_to_matrix(tokenizer, "a", mode = "counts")
    sequences_to_matrix(tokenizer, 1:3)
    sequences_to_texts(tokenizer, list(c(1, NA)))
    text_tokenizer(num_words = 0)
  })
})

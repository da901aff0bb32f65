members <- list("metadata.json" = charToRaw("{}"), "config.json" = as.raw(1:9),
                "model.weights.h5" = as.raw(rep(7, 300)))

read_all <- function(bytes) read_zip(bytes, names(members), keras_member_names)

put_bytes <- function(bytes, at, value) {
  bytes[at + seq_along(value)] <- as.raw(value)
  bytes
}

# Where the n-th entry of the directory begins, counted from 0.
entry_at <- function(bytes, n) {
  at <- which(utils::head(bytes, -3L) == as.raw(0x50) &
                bytes[-c(1, length(bytes) - 0:1)] == as.raw(0x4b))
  at <- at[bytes[at + 2] == as.raw(1) & bytes[at + 3] == as.raw(2)]
  at[n] - 1
}

expect_zip_refused <- function(bytes, regexp) {
  expect_error(read_all(bytes), regexp, class = "elman_error_file")
}

test_that("what is put into an archive comes out of it", {
  expect_identical(read_all(zip_archive(members)), members)
  empty <- list("metadata.json" = raw())
  expect_identical(
    read_zip(zip_archive(empty), "metadata.json", keras_member_names), empty
  )
})

test_that("other programs read the archive", {
  path <- withr::local_tempfile(fileext = ".zip")
  writeBin(zip_archive(members), path)
  listed <- utils::unzip(path, list = TRUE)
  expect_identical(listed$Name, names(members))
  expect_identical(as.integer(listed$Length), unname(lengths(members)))
  dir <- withr::local_tempdir()
  utils::unzip(path, exdir = dir)
  expect_identical(readBin(file.path(dir, "config.json"), "raw", 100),
                   members[["config.json"]])
})

deflated_archive <- function(data, size = length(data)) {
  packed <- memCompress(data, "gzip")
  # Without the two bytes before and the four after, it is what zip holds.
  packed <- packed[-c(1:2, length(packed) - 3:0)]
  bytes <- zip_archive(list("config.json" = packed))
  fields <- c(little(8, 2), little(0, 2), little(33, 2),
              little(cpp_crc32(data), 4), little(length(packed), 4),
              little(size, 4))
  bytes <- put_bytes(bytes, 8, fields)
  put_bytes(bytes, entry_at(bytes, 1) + 10, fields)
}

test_that("packed members are read", {
  data <- as.raw(rep(1:50, 40))
  expect_identical(
    read_zip(deflated_archive(data), "config.json", keras_member_names)[[1]],
    data
  )
})

test_that("members that unpack to more than said, or far more, are refused", {
  data <- as.raw(rep(0, 4e6))
  read <- function(bytes) {
    read_zip(bytes, "config.json", keras_member_names)
  }
  expect_error(read(deflated_archive(data)), "times its size",
               class = "elman_error_file")
  expect_error(read(deflated_archive(data, 1000)), "checksum",
               class = "elman_error_file")
})

test_that("members outside of the archive, or unknown ones, are refused", {
  for (name in c("../config.json", "/config.json", "assets/../../x",
                 "C:/config.json", "..\\config.json")) {
    bad <- c(members, stats::setNames(list(raw(3)), name))
    expect_zip_refused(zip_archive(bad), "outside")
  }
  bad <- c(members, list("run.py" = raw(3)))
  expect_zip_refused(zip_archive(bad), "\"run.py\" has no place")
  good <- c(members, list("assets/words.txt" = raw(3)))
  expect_identical(read_all(zip_archive(good)), members)
})

test_that("members that occur twice or are missing are refused", {
  expect_zip_refused(zip_archive(members[c(1, 2, 2, 3)]), "more than once")
  expect_zip_refused(zip_archive(members[-2]), "no \"config.json\"")
})

test_that("links, encrypted members and unknown packing are refused", {
  bytes <- zip_archive(members)
  at <- entry_at(bytes, 2)
  link <- put_bytes(bytes, at + 38, little(strtoi("120777", 8L) * 65536, 4))
  expect_zip_refused(link, "a link")
  head <- 30 + nchar("metadata.json") + 2
  for (flag in list(1, 64, c(0, 32))) {
    locked <- put_bytes(put_bytes(bytes, at + 8, flag), head + 6, flag)
    expect_zip_refused(locked, "encrypted")
  }
  strange <- put_bytes(put_bytes(bytes, at + 10, 99), head + 8, 99)
  expect_zip_refused(strange, "unknown way")
})

test_that("two directories that disagree are refused", {
  bytes <- zip_archive(members)
  expect_zip_refused(put_bytes(bytes, 30, charToRaw("M")), "do not agree")
  at <- entry_at(bytes, 1)
  expect_zip_refused(put_bytes(bytes, at + 42, 5), "not where")
  expect_zip_refused(put_bytes(bytes, at + 24, 5), "two different sizes")
})

test_that("members that share bytes are refused", {
  bytes <- zip_archive(members)
  at <- entry_at(bytes, 1)
  long <- length(members[[1]]) + 60
  same <- put_bytes(put_bytes(bytes, at + 20, little(long, 4)), at + 24,
                    little(long, 4))
  expect_zip_refused(same, "share their bytes")
})

test_that("a changed byte in a member is found", {
  bytes <- zip_archive(members)
  at <- length(bytes) %/% 2
  expect_zip_refused(put_bytes(bytes, at, 1), "checksum")
})

test_that("an archive cut anywhere, or with something behind it, is refused", {
  bytes <- zip_archive(members)
  for (n in seq(0, length(bytes) - 1, by = 7)) {
    expect_error(read_all(utils::head(bytes, n)), class = "elman_error_file")
  }
  expect_zip_refused(c(bytes, as.raw(1)), "does not end")
})

test_that("any changed byte gives the members or an error of the file", {
  bytes <- zip_archive(members)
  set.seed(3)
  for (k in 1:300) {
    at <- sample(length(bytes), sample(3, 1))
    hurt <- bytes
    hurt[at] <- as.raw(sample(0:255, length(at), replace = TRUE))
    got <- tryCatch(read_all(hurt), elman_error_file = function(e) NULL)
    if (!is.null(got)) expect_identical(got, members)
  }
})

tensors <- function(group, ...) {
  values <- list(...)
  for (name in names(values)) write_array(group, name, values[[name]])
}

hdf5_file <- function(fill, env = parent.frame()) {
  path <- withr::local_tempfile(fileext = ".h5", .local_envir = env)
  write_hdf5(path, fill)
  expect_identical(readBin(path, "raw", file.size(path)), hdf5_bytes(fill))
  path
}

index_of_file <- function(path) {
  with_hdf5(readBin(path, "raw", file.size(path)), identity)
}

test_that("groups, arrays and texts come back, by the HDF5 library too", {
  x <- array(c(1.5, -2:8), c(3, 4))
  path <- hdf5_file(function(h5) {
    tensors(make_group(h5, "a/b"), x = as_tensor(x, "float32"))
    write_text(h5, "empty", "")
    write_text(make_group(h5, "a"), "names", c("\u00fcber", "", "z"),
               many = TRUE)
    write_text(h5, "none", character(), many = TRUE)
  })
  index <- index_of_file(path)
  expect_setequal(index$groups, c("", "a", "a/b"))
  expect_identical(as.array(read_array(index, "a/b/x", "float32")), x)
  expect_identical(read_text(index, "a", "names"), c("\u00fcber", "", "z"))
  expect_identical(read_text(index, "", "empty"), "")
  with_library(path, mode = "r", function(h5) {
    expect_identical(t(h5[["a/b/x"]]$read()), x)
    names <- hdf5r::h5attr(h5[["a"]], "names")
    expect_identical(enc2utf8(names), c("\u00fcber", "", "z"))
    expect_identical(hdf5r::h5attr(h5, "empty"), "")
    none <- h5$attr_open("none")
    expect_equal(none$get_space()$dims, 0)
    none$close()
  })
})

test_that("numbers of every type and shape are exact", {
  large <- c(2^31 - 1, 1 - 2^31, 0)
  path <- hdf5_file(function(h5) {
    tensors(h5,
      f4 = as_tensor(c(NaN, Inf, -Inf, 1 / 3), "float32"),
      f8 = as_tensor(c(NaN, Inf, -Inf, 1 / 3), "float64"),
      i4 = as_tensor(large, "int32"), b = as_tensor(c(1, 0), "bool"),
      scalar = as_tensor(7, "float32"),
      nothing = as_tensor(array(0, c(0, 3)), "float32"),
      deep = as_tensor(array(1:8, rep(2, 3)), "float32")
    )
    write_array(h5, "i8", as_tensor(large, "int32"), "int64")
  })
  index <- index_of_file(path)
  back <- function(name) as.array(read_array(index, name, "float64"))
  third <- as.numeric(as_tensor(1 / 3, "float32"))
  expect_identical(as.numeric(back("f4")), c(NaN, Inf, -Inf, third))
  expect_identical(as.numeric(back("f8")), c(NaN, Inf, -Inf, 1 / 3))
  for (name in c("i4", "i8")) expect_identical(as.numeric(back(name)), large)
  expect_identical(as.numeric(back("b")), c(1, 0))
  expect_identical(index$arrays$scalar$shape, integer())
  expect_equal(index$arrays$nothing$shape, c(0, 3))
  expect_identical(back("deep"), array(as.numeric(1:8), rep(2, 3)))
  with_library(path, mode = "r", function(h5) {
    expect_identical(h5[["f4"]]$read(), c(NaN, Inf, -Inf, third))
    expect_equal(as.numeric(h5[["i8"]]$read()), large)
    expect_equal(h5[["i8"]]$get_type()$get_size(), 8)
    expect_identical(as.numeric(h5[["scalar"]]$read()), 7)
    expect_equal(h5[["nothing"]]$dims, c(3, 0))
  })
})

test_that("the library finds and changes groups of any number of members", {
  for (count in c(0, 1, 8, 9, 256, 257, 2100)) {
    names <- sprintf("m%d", seq_len(count))
    path <- hdf5_file(function(h5) {
      for (name in names) make_group(h5, name)
    })
    expect_setequal(index_of_file(path)$groups, c("", names))
    with_library(path, function(h5) {
      expect_setequal(h5$names, names)
      for (name in c("a", "m5.5", "z")) h5$create_group(name)
      if (count) h5$link_delete(names[count %/% 2 + 1])
    })
    with_library(path, mode = "r", function(h5) {
      left <- c(names[-(count %/% 2 + 1)], "a", "m5.5", "z")
      expect_setequal(h5$names, left)
      for (name in sample(left, min(20, length(left)))) {
        expect_true(h5$exists(name))
      }
    })
  }
})

test_that("many and long texts are kept apart", {
  texts <- c(strrep("a", 0:300), strrep("b", 200000), sprintf("t%d", 1:3000))
  path <- hdf5_file(function(h5) {
    write_text(h5, "texts", texts, many = TRUE)
    write_text(h5, "one", strrep("c", 70000))
  })
  expect_identical(read_text(index_of_file(path), "", "texts"), texts)
  with_library(path, mode = "r", function(h5) {
    expect_identical(hdf5r::h5attr(h5, "texts"), texts)
    expect_identical(nchar(hdf5r::h5attr(h5, "one")), 70000L)
  })
})

test_that("arrays of more than one batch are written whole", {
  x <- as_tensor(matrix(stats::rnorm(6e5), 2), "float32")
  path <- hdf5_file(function(h5) tensors(h5, a = x, b = x, c = x))
  index <- index_of_file(path)
  for (name in c("a", "b", "c")) {
    expect_identical(as.array(read_array(index, name, "float32")), as.array(x))
  }
})

test_that("names that cannot stand beside each other are refused", {
  expect_error(hdf5_bytes(function(h5) {
    tensors(h5, a = as_tensor(1))
    make_group(h5, "a/b")
  }), "an array and a group", class = "elman_error_file")
  expect_error(hdf5_bytes(function(h5) {
    tensors(h5, a = as_tensor(1), a = as_tensor(1))
  }), "Two of its parts", class = "elman_error_file")
  expect_error(hdf5_bytes(function(h5) {
    write_text(h5, "names", rep("a", 5000), many = TRUE)
  }), "64 kB", class = "elman_error_file")
})

test_that("saving leaves nothing behind in the session", {
  skip_without_files()
  model <- file_model()
  held <- function() {
    gc()
    gc()[1, 1]
  }
  save <- function(n) for (i in seq_len(n)) save_model(model)
  # R compiles what runs for the second time.
  for (i in 1:3) {
    save(5)
    before <- held()
  }
  save(50)
  # A name for each object of the file would be 3 cells, that is some 70.
  expect_lt((held() - before) / 50, 3)
})

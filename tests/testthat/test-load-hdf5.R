# The array that the attacks put something else in the place of.
target <- "layers/dense/vars/1"

replace_array <- function(h5, ...) {
  h5$link_delete(target)
  group <- h5$open("layers/dense/vars")
  group$create_dataset("1", ...)
}

test_that("soft and external links are refused, wherever they lead", {
  skip_without_files()
  expect_refused(with_weights(function(h5) {
    h5$link_delete(target)
    h5$link_create_soft("/layers/dense/vars/0", target)
  }), "a soft link")
  expect_refused(with_weights(function(h5) {
    h5$link_delete(target)
    h5$link_create_external("/etc/passwd", "x", target)
  }), "an external link")
  expect_refused(with_weights(function(h5) {
    h5$link_create_soft("/nowhere", "stray")
  }), "\"stray\" is a soft link")
})

test_that("circles and arrays with two names are refused", {
  skip_without_files()
  expect_refused(with_weights(function(h5) {
    h5$link_create_hard(h5, "layers", "layers/dense/layers")
  }), "found in it twice")
  expect_refused(with_weights(function(h5) {
    h5$link_create_hard(h5, target, "layers/dense/vars/9")
  }), "found in it twice")
})

test_that("two arrays of one name are refused", {
  skip_without_files()
  expect_refused(changed_archive(function(members) {
    bytes <- members[["model.weights.h5"]]
    # The names "0" and "1" where a group keeps them.
    told <- as.raw(c(0x30, rep(0, 7), 0x31, rep(0, 7)))
    starts <- seq(1, length(bytes) - 15, by = 8)
    place <- starts[vapply(starts, function(k) {
      identical(bytes[k + 0:15], told)
    }, NA)]
    bytes[place[1] + 8] <- as.raw(0x30)
    members[["model.weights.h5"]] <- bytes
    members
  }), "two parts of the name")
})

test_that("numbers in another file are refused and that file is not read", {
  skip_without_files()
  other <- withr::local_tempfile()
  writeBin(as.raw(1:8), other)
  expect_refused(with_weights(function(h5) {
    layout <- hdf5r::H5P_DATASET_CREATE$new()
    layout$set_external(other, 0, 8)
    space <- hdf5r::H5S$new("simple", dims = 2, maxdims = 2)
    replace_array(h5, dtype = hdf5r::h5types$H5T_IEEE_F32LE, space = space,
                  chunk_dims = NULL, dataset_create_pl = layout)
  }), "in another file")
})

test_that("chunks and filters, which Keras does not write, are refused", {
  skip_without_files()
  expect_refused(with_weights(function(h5) {
    replace_array(h5, c(0, 0), chunk_dims = 2, gzip_level = 9)
  }), "chunks|filtered")
})

test_that("an array of a size that is not in the file is refused at once", {
  skip_without_files()
  bomb <- with_weights(function(h5) {
    huge <- hdf5r::H5S$new("simple", dims = c(2^20, 2^20),
                           maxdims = c(2^20, 2^20))
    replace_array(h5, dtype = hdf5r::h5types$H5T_IEEE_F32LE, space = huge,
                  chunk_dims = NULL)
  })
  expect_lt(length(bomb), 1e5)
  expect_refused(bomb, "bytes, but they are not there")
})

test_that("arrays of text are refused", {
  skip_without_files()
  expect_refused(with_weights(function(h5) {
    replace_array(h5, c("rm", "-rf"), chunk_dims = NULL)
  }), "does not hold numbers")
})

test_that("shapes that differ from the configuration's are refused", {
  skip_without_files()
  expect_refused(with_weights(function(h5) {
    replace_array(h5, matrix(0, 1, 2), chunk_dims = NULL,
                  dtype = hdf5r::h5types$H5T_IEEE_F32LE)
  }), paste("layer `answer` does not fit: weight \"bias\" has shape \\[2\\],",
            "in the file \\[2, 1\\]"))
  expect_refused(with_weights(function(h5) h5$link_delete(target)),
                 "has 2 weights, the file 1")
})

test_that("other types of numbers are read", {
  skip_without_files()
  bytes <- with_weights(function(h5) {
    replace_array(h5, c(1.5, -2), dtype = hdf5r::h5types$H5T_IEEE_F64BE,
                  space = hdf5r::H5S$new("simple", dims = 2, maxdims = 2),
                  chunk_dims = NULL)
  })
  expect_identical(get_weights(load_model(bytes))[[5]], array(c(1.5, -2), 2))
})

test_that("weights that are not finite are a warning", {
  skip_without_files()
  model <- file_model()
  weights <- get_weights(model)
  weights[[5]] <- array(c(NaN, Inf), 2)
  set_weights(model, weights)
  expect_warning(again <- load_model(save_model(model)),
                 "`answer`.*not all finite", class = "elman_warning")
  expect_identical(get_weights(again), weights)
})

test_that("a file that is cut off or no HDF5 file is refused", {
  skip_without_files()
  path <- withr::local_tempfile(fileext = ".weights.h5")
  model <- file_model()
  save_model_weights(model, path)
  whole <- readBin(path, "raw", file.size(path))
  before <- get_weights(model)
  for (n in c(0, 7, 20, 100, length(whole) %/% 2, length(whole) - 1)) {
    writeBin(utils::head(whole, n), path)
    expect_error(load_model_weights(model, path), class = "elman_error_file")
  }
  writeBin(charToRaw("not a model at all"), path)
  expect_error(load_model(path), "neither a .keras nor an .h5 file",
               class = "elman_error_file")
  expect_identical(get_weights(model), before)
})

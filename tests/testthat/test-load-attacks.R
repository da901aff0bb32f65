# Attacks on Keras's files that became known, each as a file that tries it.

test_that(paste(
  "lambdas are refused, with safe_mode = FALSE too",
  "(CVE-2024-3660, CVE-2026-12481)"
), {
  skip_without_files()
  bytes <- with_config(swap_layer(lambda))
  expect_refused(bytes, "holds code.*never runs.*custom_objects")
  expect_refused(bytes, "holds code", safe_mode = FALSE)
  inside <- with_config(swap('"tanh"', paste0(
    '{"class_name": "__lambda__", "config": {"value": ["4wEA", null, null]}}'
  )))
  expect_refused(inside, "holds code")
})

test_that(paste(
  "functions and classes of other modules are refused",
  "(CVE-2025-1550, CVE-2025-8747)"
), {
  skip_without_files()
  attacks <- c(
    object_json("os", "function", '"system"', '"system"'),
    object_json("keras.src.utils.file_utils", "function", '"get_file"',
                '"get_file"'),
    object_json("keras.utils", "get_file", '{"origin": "http://x"}'),
    object_json("builtins", "function", '"eval"', '"eval"'),
    object_json("subprocess", "Popen", '{"args": "id"}'),
    object_json("base", "function", '"system"', '"base::system"')
  )
  for (attack in attacks) {
    bytes <- with_config(swap('"tanh"', attack))
    expect_refused(bytes, "names the (function|class) .*not known here")
    expect_refused(with_config(swap_layer(attack)), "not known here")
  }
})

test_that(paste(
  "layers that read files or the network are refused",
  "(CVE-2025-12058, CVE-2025-9906, CVE-2026-1462)"
), {
  skip_without_files()
  layers <- c(
    object_json("keras.layers", "StringLookup",
                '{"name": "l", "vocabulary": "/etc/passwd"}'),
    object_json("keras.layers", "TorchModuleWrapper",
                '{"name": "l", "module": "gASV"}'),
    object_json("keras.layers", "TFSMLayer",
                '{"name": "l", "filepath": "/tmp/x"}')
  )
  for (layer in layers) {
    expect_refused(with_config(swap_layer(layer)), "not known here")
  }
  words <- object_json("keras.layers", "TextVectorization",
                       '{"name": "l", "vocabulary": "/etc/passwd"}')
  expect_refused(with_config(swap_layer(words)), "would read another file")
  switch <- object_json("keras.config", "function",
                        '"enable_unsafe_deserialization"',
                        '"enable_unsafe_deserialization"')
  expect_refused(with_config(swap_layer(switch)), "not known here")
})

test_that("the same attacks in older files are refused (CVE-2025-9905)", {
  skip_without_files()
  path <- withr::local_tempfile(fileext = ".h5")
  save_model(file_model(), path)
  add_lambda <- swap_layer(paste0(
    '{"class_name": "Lambda", "config": {"name": "l", "function": ',
    '["4wEAAAAA", null, null]}}'
  ))
  with_library(path, function(h5) {
    edit_attribute(h5, "model_config", add_lambda)
  })
  expect_refused(path, "holds code")
  expect_refused(path, "holds code", safe_mode = FALSE)
})

test_that("a lambda in a configuration alone is refused (CVE-2026-12481)", {
  skip_without_files()
  text <- swap_layer(lambda)(save_model_config(file_model()))
  path <- withr::local_tempfile(lines = text, fileext = ".json")
  expect_error(load_model_config(path), "holds code",
               class = "elman_error_file")
})

test_that("a shape of terabytes is refused at once (CVE-2026-0897)", {
  skip_without_files()
  bomb <- with_weights(function(h5) {
    h5$link_delete("layers/dense/vars/1")
    huge <- hdf5r::H5S$new("simple", dims = c(2^20, 2^20),
                           maxdims = c(2^20, 2^20))
    group <- h5$open("layers/dense/vars")
    group$create_dataset("1", dtype = hdf5r::h5types$H5T_IEEE_F32LE,
                         space = huge, chunk_dims = NULL)
  })
  expect_lt(peak_growth(
    expect_refused(bomb, "bytes, but they are not there")
  ), 256)
  units <- with_config(swap('"units": 3,', '"units": 100000,'))
  expect_lt(peak_growth(
    expect_refused(units, "more weights than there are numbers")
  ), 256)
})

test_that("arrays in another file are refused unread (CVE-2026-1669)", {
  skip_without_files()
  secret <- withr::local_tempfile()
  writeBin(as.raw(1:8), secret)
  expect_refused(with_weights(function(h5) {
    h5$link_delete("layers/dense/vars/1")
    layout <- hdf5r::H5P_DATASET_CREATE$new()
    layout$set_external(secret, 0, 8)
    space <- hdf5r::H5S$new("simple", dims = 2, maxdims = 2)
    h5$open("layers/dense/vars")$create_dataset(
      "1", dtype = hdf5r::h5types$H5T_IEEE_F32LE, space = space,
      chunk_dims = NULL, dataset_create_pl = layout
    )
  }), "in another file")
  expect_refused(with_weights(function(h5) {
    h5$link_delete("layers/dense/vars/1")
    h5$link_create_external(secret, "x", "layers/dense/vars/1")
  }), "an external link")
})

test_that("virtual arrays are refused (CVE-2026-12480)", {
  skip_without_files()
  virtual <- changed_archive(function(members) {
    bytes <- members[["model.weights.h5"]]
    at <- with_hdf5(bytes, function(index) {
      index$arrays[["layers/dense/vars/1"]]$at
    })
    # The message that says where the numbers lie: version 3, in one piece.
    told <- as.raw(c(3, 1, little(at, 8)))
    place <- which(vapply(seq_len(length(bytes) - 9L), function(k) {
      identical(bytes[k + 0:9], told)
    }, NA))
    expect_length(place, 1L)
    bytes[place + 0:1] <- as.raw(4:3)
    members[["model.weights.h5"]] <- bytes
    members
  })
  expect_refused(virtual, "is virtual")
})

test_that("members outside of the folder are refused (CVE-2025-12060)", {
  skip_without_files()
  for (name in c("../../.Rprofile", "/etc/cron.d/x", "assets/../../x")) {
    bytes <- changed_archive(function(members) {
      c(members, stats::setNames(list(charToRaw("x")), name))
    })
    expect_refused(bytes, "outside of it")
  }
})

test_that("bombs of JSON are refused before they are parsed", {
  skip_without_files()
  deep <- strrep("[", 1e5)
  expect_refused(with_config(function(text) deep), "nested too deeply")
  twice <- swap('"class_name": "Sequential"',
                '"class_name": "Sequential", "class_name": "Sequential"')
  expect_refused(with_config(twice), "twice in one object")
  wide <- with_config(function(text) {
    paste0("[", strrep("[],", 5e6), "[]]")
  })
  expect_lt(peak_growth(expect_refused(wide, "too many values")), 256)
  long <- with_config(function(text) paste0('"', strrep("a", 2e7), '"'))
  expect_lt(peak_growth(expect_refused(long, "is too large")), 256)
})

test_that("models of thousands of layers are refused before one is made", {
  skip_without_files()
  layer <- paste0('{"module": "keras.layers", "class_name": "Flatten", ',
                  '"config": {}, "registered_name": null}')
  many <- with_config(swap_layer(paste(rep(layer, 2100), collapse = ", ")))
  expect_refused(many, "more than 2000 objects")
})

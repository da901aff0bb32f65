# Help pages: every export has one, with what a reader looks for.

pages <- lapply(tools::Rd_db("elman"), function(page) {
  tags <- vapply(page, function(part) attr(part, "Rd_tag"), "")
  names(page) <- tags
  page
})

# The exports that a page has aliases for.
exports_of <- function(page) {
  aliases <- trimws(vapply(page[names(page) == "\\alias"], paste, "",
                           collapse = ""))
  intersect(gsub("\\\\%", "%", aliases), getNamespaceExports("elman"))
}

# The exports on pages that lack a section. Re-exports are documented elsewhere.
without <- function(section, except = character()) {
  lacking <- Filter(function(page) !section %in% names(page), pages)
  sort(setdiff(unlist(lapply(lacking, exports_of)), except))
}

test_that("every export has a help page", {
  documented <- unlist(lapply(pages, exports_of))
  ours <- grep("^[.]__", getNamespaceExports("elman"), value = TRUE,
               invert = TRUE)
  expect_equal(setdiff(ours, documented), character())
})

reexported <- c("%<-%", "%>%", "compile", "fit")

test_that("every help page says what a function gives", {
  expect_equal(without("\\value", reexported), character())
})

test_that("every help page has examples", {
  expect_equal(without("\\examples", reexported), character())
})

# elman_threads() cannot fail.
test_that("every help page says which errors there are", {
  silent <- Filter(function(page) {
    titles <- vapply(page[names(page) == "\\section"], function(section) {
      paste(unlist(section[[1]]), collapse = "")
    }, "")
    !any(trimws(titles) == "Errors")
  }, pages)
  expect_equal(
    sort(setdiff(unlist(lapply(silent, exports_of)), reexported)),
    "elman_threads"
  )
})

test_that("every argument is explained", {
  undocumented <- lapply(pages, function(page) {
    usage <- as.character(page[["\\usage"]])
    if (!length(usage)) return(NULL)
    items <- unlist(lapply(page[["\\arguments"]], function(part) {
      if (identical(attr(part, "Rd_tag"), "\\item")) {
        part[[1]] |> unlist() |> paste(collapse = "") |>
          strsplit(",[[:space:]]*") |> unlist()
      }
    }))
    arguments <- unlist(lapply(exports_of(page), function(name) {
      names(formals(args(getExportedValue("elman", name))))
    }))
    setdiff(arguments, c(items, if (any(items == "\\dots")) "..."))
  })
  expect_equal(Filter(length, undocumented), setNames(list(), character()))
})

# Compares the exports of the package with keras3's: the list of functions and
# signatures in extdata/keras3-signatures.tsv (keras3 1.5.1.9000). Used by the
# vignette "Coming from keras3" and by a test.

families <- c(
  activation = "Activations", callback = "Callbacks", config = "Settings",
  constraint = "Constraints", initializer = "Initializers", layer = "Layers",
  learning = "Learning rate schedules", loss = "Losses", metric = "Metrics",
  op = "Operations", optimizer = "Optimizers", random = "Random tensors",
  regularizer = "Regularizers", rnn = "Cells", application = "Applications",
  dataset = "Data sets", image = "Images", feature = "Feature columns",
  flag = "Run flags"
)

family_of <- function(name) {
  family <- unname(families[sub("_.*", "", name)])
  ifelse(is.na(family), "Models, training and the rest", family)
}

# The arguments of a function as keras3's list writes them.
arguments_of <- function(fn) {
  formals <- as.list(formals(args(fn)))
  paste(vapply(names(formals), function(name) {
    default <- paste(deparse(formals[[name]], width.cutoff = 500L),
                     collapse = " ")
    if (default == "") name else paste(name, "=", default)
  }, ""), collapse = ", ")
}

# Does `ours` begin with all of `theirs`? Whole numbers may be written 1 or 1L.
begins_with <- function(ours, theirs) {
  plain <- function(text) {
    text <- gsub("NA_integer_", "NA", text, fixed = TRUE)
    paste0(gsub("([0-9])L\\b", "\\1", text), ",")
  }
  startsWith(plain(ours), plain(theirs))
}

# A data frame with a row for each function of keras3. `status` is "same",
# "different arguments" or "not there"; where keras3's object is no plain
# function (a re-export, or a callable object), the name is what is compared.
compare_with_keras3 <- function() {
  theirs <- utils::read.delim(
    system.file("extdata", "keras3-signatures.tsv", package = "elman"),
    quote = "", colClasses = "character"
  )
  there <- theirs$name %in% getNamespaceExports("elman")
  agrees <- mapply(function(name, arguments, there) {
    if (!there) return(FALSE)
    if (startsWith(arguments, "(")) return(TRUE)
    begins_with(arguments_of(getExportedValue("elman", name)), arguments)
  }, theirs$name, theirs$arguments, there)
  status <- ifelse(!there, "not there",
                   ifelse(agrees, "same", "different arguments"))
  data.frame(
    name = theirs$name,
    family = family_of(theirs$name),
    status = factor(status, c("same", "different arguments", "not there"))
  )
}

# Names find things: "mse", "adam" and "BinaryCrossentropy" are resolved to the
# functions loss_mean_squared_error(), optimizer_adam() and
# loss_binary_crossentropy(). A new member is one more function; only other
# spellings of it are listed here.

loss_aliases <- c(
  mse = "mean_squared_error",
  mae = "mean_absolute_error",
  mape = "mean_absolute_percentage_error",
  msle = "mean_squared_logarithmic_error",
  bce = "binary_crossentropy",
  kld = "kl_divergence",
  kldivergence = "kl_divergence",
  kullback_leibler_divergence = "kl_divergence",
  logcosh = "log_cosh",
  huberloss = "huber"
)

# The constructor that a name means: the function of the package that begins
# with `prefix` and goes on as `name`, spelled in snake case, in camel case or
# by an alias.
find_constructor <- function(name, prefix, what, aliases = character()) {
  known <- public_names(prefix)
  key <- plain_name(name)
  alias <- aliases[plain_name(names(aliases)) == key]
  if (length(alias)) key <- plain_name(alias[[1]])
  found <- known[plain_name(known) == key]
  if (!length(found)) {
    short <- names(aliases)[aliases %in% known]
    abort_unknown_name(name, c(known, short), what)
  }
  get(paste0(prefix, found[1]), envir = own_namespace())
}

# What follows `prefix` in the names of the package's constructors: functions
# of data, or with a `name` argument.
public_names <- function(prefix) {
  names <- ls(own_namespace(), pattern = paste0("^", prefix))
  constructs <- vapply(names, function(name) {
    f <- get(name, own_namespace())
    arguments <- if (is.function(f)) names(formals(f))
    all(c("name", "...") %in% arguments) ||
      identical(arguments[1:2], c("y_true", "y_pred"))
  }, NA)
  substring(names[constructs], nchar(prefix) + 1L)
}

plain_name <- function(name) gsub("_", "", tolower(name), fixed = TRUE)

# Found under these names when configurations are read.
named_loss <- function(name) {
  find_constructor(name, "loss_", "loss", loss_aliases)
}

named_metric <- function(name) {
  find_constructor(name, "metric_", "metric", loss_aliases)
}

named_optimizer <- function(name) {
  find_constructor(name, "optimizer_", "optimizer",
                   c(lossscaleoptimizer = "loss_scale"))
}

# Calling a layer that was written in R: arguments are matched to those of the
# user's call(), and what comes out is measured where nobody says its shape.

# What call() takes.
call_form <- function(fn) {
  if (is.null(fn)) return(NULL)
  names <- names(formals(fn)) %||% character()
  first <- names[1]
  inner <- setdiff(names, c(first, "...", "mask", "training"))
  masks <- inner[endsWith(inner, "_mask") &
                   sub("_mask$", "", inner) %in% names]
  training <- "training" %in% names[-1]
  default <- if (training) formals(fn)$training
  if (is.symbol(default) && !nzchar(as.character(default))) default <- NULL
  form <- list(fn = fn, names = names, first = first, masks = masks,
               training = training, mask = "mask" %in% names[-1],
               default_training = if (is.logical(default)) default)
  # Nothing but the inputs has to be looked at.
  form$simple <- !length(masks) && is.null(form$default_training)
  form
}

own_invoke <- function(self, inputs, ...) {
  form <- self$own$call
  if (missing(inputs)) return(invoke_by_name(self, form, ...))
  if (self$built && form$simple && !...length()) {
    return(call_layer(self, inputs))
  }
  arguments <- lapply(list(...), convert_argument, self = self)
  if (is.null(arguments$training) && is.null(the$training) &&
        !is.null(form$default_training)) {
    arguments$training <- form$default_training
  }
  arguments <- attach_masks(form, inputs, arguments)
  if (!self$built) build_for_call(self, inputs, arguments)
  do.call(call_layer, c(list(self, inputs), arguments), quote = TRUE)
}

# layer(x = tensor), where call() names its first argument `x`.
invoke_by_name <- function(self, form, ...) {
  arguments <- list(...)
  at <- match(form$first, names(arguments))
  if (is.na(at)) must_be_given(form$first %||% "inputs", "a tensor or array")
  do.call(own_invoke, c(list(self, arguments[[at]]), arguments[-at]),
          quote = TRUE)
}

# Arrays become tensors; everything else is the user's.
convert_argument <- function(self, x) {
  if (is_tensor(x) || is.array(x) && (is.numeric(x) || is.logical(x))) {
    return(convert_own(self, x))
  }
  x
}

# Floats in the layer's type; whole numbers and logicals as they are.
convert_own <- function(self, x) {
  if (is.null(x) || is_symbolic(x)) return(x)
  if (is.list(x) && !is.data.frame(x)) {
    x[] <- lapply(x, function(part) convert_own(self, part))
    return(x)
  }
  if (is_variable(x)) x <- variable_value(x)
  if (!is_tensor(x)) {
    return(tensor_from_r(x, if (is.double(x)) self$dtype, "inputs"))
  }
  dtype <- tensor_dtype(x)
  if (dtype == self$dtype || !self$autocast || !is_float(dtype)) return(x)
  keep_mask(op_cast(x, self$dtype), x)
}

# `a_mask` is the mask of the argument `a`.
attach_masks <- function(form, inputs, arguments) {
  if (!length(form$masks)) return(arguments)
  given <- name_arguments(form, inputs, arguments)
  for (name in setdiff(form$masks, names(arguments))) {
    tensor <- given[[sub("_mask$", "", name)]]
    mask <- if (is_tensor(tensor)) get_mask(tensor)
    if (!is.null(mask)) arguments[[name]] <- mask
  }
  arguments
}

# The arguments of a call by the names that call() gives them.
name_arguments <- function(form, inputs, arguments) {
  all <- c(list(inputs), arguments)
  names <- names(all) %||% character(length(all))
  names[1] <- form$first
  open <- setdiff(form$names, c(names, "..."))
  unnamed <- which(names == "")
  n <- min(length(open), length(unnamed))
  names[unnamed[seq_len(n)]] <- open[seq_len(n)]
  stats::setNames(all, names)
}

# Notes the shapes of all tensors for build(a_shape, b_shape); where the call is
# no symbolic one, the layers inside are built by the call itself.
build_for_call <- function(self, inputs, arguments) {
  self$own$shapes <- argument_shapes(self, inputs, arguments)
  if (has_symbolic(inputs) || has_symbolic(arguments)) return(invisible())
  self$own$calling <- TRUE
  on.exit(self$own$calling <- FALSE)
  self$build(shapes_of(self$convert_inputs(inputs)))
}

argument_shapes <- function(self, inputs, arguments) {
  given <- name_arguments(self$own$call, inputs, arguments)
  if (!has_symbolic(inputs)) given[[1]] <- self$convert_inputs(inputs)
  is_data <- function(x) {
    is_tensor(x) || is_symbolic(x) ||
      is.list(x) && length(x) && all(vapply(x, is_data, NA))
  }
  lapply(Filter(is_data, given), shapes_of)
}

check_own_names <- function(self, names) {
  form <- self$own$call
  if ("..." %in% form$names) return(invisible())
  unknown <- setdiff(names, c(form$names, "mask", "training", ""))
  if (length(unknown)) abort_call_name(self, unknown[1], form$names[-1])
}

own_call <- function(self, inputs, ..., mask, training) {
  form <- self$own$call
  fn <- form$fn
  if (form$training && is.null(training)) training <- the$training %||% FALSE
  outputs <- if (form$mask && !is.null(mask)) {
    if (form$training) fn(inputs, ..., mask = mask, training = training) else
      fn(inputs, ..., mask = mask)
  } else if (form$training) {
    fn(inputs, ..., training = training)
  } else {
    fn(inputs, ...)
  }
  if (is_variable(outputs)) variable_value(outputs) else outputs
}

# ---- the shape of the output -------------------------------------------------

own_trace_outputs <- function(self, shape, inputs, ...) {
  definition <- self$own$definition
  plain <- definition$native %in% c("LayerBase", "FunctionalModel")
  if (!plain || defines(definition, "compute_output_shape")) {
    return(shape_symbols(self$compute_output_shape(shape), self$dtype))
  }
  infer_outputs(self, inputs, ...)
}

# Symbols with the shapes and types that call() gives for these inputs: found by
# a call on the symbols or, where that fails, by calls on zeros.
infer_outputs <- function(self, inputs, ...) {
  old <- enter_layer(self, FALSE)
  noted <- the$measuring
  the$measuring <- TRUE
  on.exit({
    the$measuring <- noted
    leave_layer(old)
  })
  outputs <- tryCatch(untaped(self$call(inputs, ...)), error = identity)
  if (is_measurable(outputs)) return(fresh_symbols(outputs))
  measure_zeros(self, inputs, ...)
}

is_measurable <- function(x) {
  if (inherits(x, "error")) return(FALSE)
  if (is.list(x)) return(length(x) && all(vapply(x, is_measurable, NA)))
  is_tensor(x) || is_symbolic(x)
}

fresh_symbols <- function(x) {
  if (is.list(x)) return(lapply(x, fresh_symbols))
  new_symbolic(shape_of(x), dtype_of(x))
}

# Two calls on zeros, unknown sizes once 2 and once 3: sizes that differ between
# the outputs are unknown. Weights are put back, should the call change them.
measure_zeros <- function(self, inputs, ...) {
  weights <- self$weights
  values <- lapply(weights, function(v) cpp_copy(.subset2(v, "value")))
  on.exit(Map(function(v, value) assign("value", value, envir = v), weights,
              values))
  run <- function(size) {
    zeros <- function(symbol) {
      shape <- shape_of(symbol)
      shape[is.na(shape)] <- size
      op_zeros(shape, dtype_of(symbol))
    }
    arguments <- replace_symbolic(list(inputs, ...), zeros)
    tryCatch(untaped(do.call(self$call, arguments, quote = TRUE)),
             error = identity)
  }
  two <- run(2L)
  three <- run(3L)
  if (!is_measurable(two) || !is_measurable(three)) {
    failed <- Filter(function(x) inherits(x, "error"), list(two, three))
    reason <- if (length(failed)) conditionMessage(failed[[1]]) else
      paste("`call` gives", describe(two))
    abort_shape(sprintf(paste0(
      "The output shape of layer `%s` could not be found: %s Give it ",
      "`%s`."), self$name, with_full_stop(reason),
      self$shape_argument %||% "compute_output_shape"), "call")
  }
  common_symbols(two, three)
}

with_full_stop <- function(x) if (grepl("[.!?]$", x)) x else paste0(x, ".")

common_symbols <- function(a, b) {
  if (is.list(a)) {
    a[] <- Map(common_symbols, a, b)
    return(a)
  }
  shape <- shape_of(a)
  if (length(shape) == length(shape_of(b))) {
    shape[shape != shape_of(b)] <- NA_integer_
  }
  new_symbolic(shape, dtype_of(a))
}

# Symbols of these shapes.
symbols_like <- function(self, shape) {
  if (is.list(shape)) return(lapply(shape, function(s) symbols_like(self, s)))
  new_symbolic(as_shape(shape), self$dtype)
}

symbol_shapes <- function(x) {
  if (is.list(x)) lapply(x, symbol_shapes) else shape_of(x)
}

# Values to call functions with: plausible ones by the name of the argument, and
# hostile ones.

chance <- function(p) stats::runif(1) < p
one_of <- function(x) x[[sample.int(length(x), 1L)]]
draw_count <- function(largest) sample.int(largest, 1L)

draw_numbers <- function(shape) {
  x <- stats::rnorm(prod(shape))
  if (length(shape)) array(x, shape) else x[1]
}

draw_dims <- function(rank = draw_count(3)) {
  vapply(seq_len(rank), function(k) draw_count(4), 1L)
}

# ---- hostile values ----------------------------------------------------------

hostile <- list(
  null = NULL, na = NA, na_real = NA_real_, na_integer = NA_integer_,
  na_character = NA_character_, nan = NaN, infinite = Inf, below = -Inf,
  zero = 0, minus = -1L, half = 0.5, three = 3, long = 2^31, longer = 1e18,
  largest = .Machine$double.xmax, denormal = 5e-324, yes = TRUE, no = FALSE,
  empty_text = "", text = "a", words = c("a", "b"), unicode = "\u00e9\u4e2d",
  percent = "%s%n%d", path = "../x", numbers = 1:3, doubles = c(0.5, -2),
  mixed_missing = c(1, NA), named = c(a = 1, b = 2), none = numeric(),
  no_text = character(), no_logical = logical(), empty = list(),
  list_one = list(1), list_null = list(NULL), list_named = list(a = 1, b = "x"),
  nested = list(list(list(2))), matrix = matrix(1:4, 2),
  no_rows = matrix(0, 0, 3), no_columns = array(0, c(2, 0, 2)),
  cube = array(1:8 / 8, c(2, 2, 2)), four = array(1:16 / 16, c(2, 2, 2, 2)),
  nine = array(1, rep(1, 9)), missing_matrix = matrix(NA_real_, 2, 2),
  text_matrix = matrix("a", 2, 2), complex = 1i, raw = as.raw(1:3),
  factor = factor(c("u", "v")), date = as.Date("2026-01-02"),
  frame = data.frame(a = 1:2, b = c("x", "y")), formula = y ~ x,
  expression = expression(a + b), symbol = as.name("a"),
  call = quote(stop("the caller's own error")), fun = function(...) NULL,
  identity = function(x) x,
  failing = function(...) stop("the caller's own error"),
  environment = globalenv(), connection = stdin(),
  twelve = 1:12, zeros = c(0, 0, 0), negative = c(-1, -1), big = c(1e6, 1e6),
  ones = c(1L, 1L)
)

# Some are of the package itself, and made anew each time.
hostile_objects <- list(
  tensor = function() as_tensor(matrix(1:6 / 6, 2)),
  scalar = function() as_tensor(2),
  whole = function() as_tensor(1:3, "int32"),
  logical = function() as_tensor(c(TRUE, FALSE), "bool"),
  empty = function() as_tensor(array(0, c(0, 3))),
  symbolic = function() keras_input(c(4, 2)),
  layer = function() layer_dense(units = 2),
  recurrent = function() layer_lstm(units = 2),
  model = function() small_model(),
  unbuilt = function() keras_model_sequential(),
  optimizer = function() optimizer_sgd(),
  loss = function() loss_mean_squared_error(),
  metric = function() metric_mean(),
  initializer = function() initializer_zeros(),
  regularizer = function() regularizer_l2(),
  constraint = function() constraint_nonneg(),
  schedule = function() learning_rate_schedule_cosine_decay(0.1, 10),
  callback = function() callback_terminate_on_nan(),
  cell = function() rnn_cell_gru(units = 2),
  tokenizer = function() text_tokenizer()
)

# NULL as an argument is list(NULL).
draw_hostile <- function() {
  if (chance(0.2)) return(list(one_of(hostile_objects)()))
  hostile[sample.int(length(hostile), 1L)]
}

small_model <- function() {
  model <- keras_model_sequential(input_shape = c(4, 2)) |>
    layer_gru(units = 3) |> layer_dense(1)
  compile(model, "sgd", "mse")
  model
}

# ---- plausible values --------------------------------------------------------

some_array <- function() draw_numbers(draw_dims())
some_axis <- function() one_of(list(1L, 2L, -1L, -2L, 3L, NULL))
some_flag <- function() chance(0.5)
some_rate <- function() one_of(list(0.1, 0.25, 0.5))
some_count <- function() draw_count(4)

# By the name of the argument, or its beginning or end.
plausible <- list(
  "^(x|x1|x2|a|b|input|tensor|array|data|value|values|y|xs|elements)$" =
    some_array,
  "^object$" = function() {
    one_of(list(NULL, keras_input(c(4, 2)), draw_numbers(c(2, 4, 2)),
                small_model()))
  },
  "^model$" = function() small_model(),
  "^(y_true|y_pred|target|output|predictions)$" =
    function() draw_numbers(c(3, 2)),
  "^inputs$" = function() {
    one_of(list(draw_numbers(c(2, 4, 2)),
                list(draw_numbers(c(2, 3)), draw_numbers(c(2, 3)))))
  },
  "axis|^axes$|^axis1$|^axis2$" = some_axis,
  "shape$|^dims$|^dim$|^newshape$" = function() draw_dims(draw_count(3)),
  "^dtype$" = function() one_of(list("float32", "float64", "int32", "bool")),
  "^(units|filters|n|k|num|num_classes|size|steps|groups|depth_multiplier)$" =
    some_count,
  "^(kernel_size|strides|pool_size|dilation_rate|padding_size)$" = some_count,
  "^padding$" = function() {
    one_of(list("valid", "same", "causal", "pre", "post", 1L))
  },
  "^data_format$" = function() one_of(list("channels_last", NULL)),
  "activation$" = function() {
    one_of(list("tanh", "relu", "sigmoid", NULL, activation_elu))
  },
  "initializer$" = function() one_of(list("zeros", "glorot_uniform", "ones")),
  "regularizer$" = function() {
    one_of(list("l2", "l1", NULL, regularizer_l1(0.1)))
  },
  "constraint$" = function() {
    one_of(list("nonneg", NULL, constraint_maxnorm(1)))
  },
  "^(use_bias|keepdims|stateful|unroll|return_.*|go_backwards|center|scale)$" =
    some_flag,
  "^(from_logits|sparse|ragged|zero_indexed|use_ema|nesterov|verbose)$" =
    some_flag,
  "dropout$|^rate$|^alpha$|^beta.*|^gamma$|momentum$|^rho$|learning_rate$" =
    some_rate,
  "^(epsilon|delta|threshold|factor|stddev|mean|variance)$" = some_rate,
  "^reduction$" = function() one_of(list("sum", "none", "sum_over_batch_size")),
  "^name$" = function() one_of(list(NULL, "named", "x1")),
  "^seed$" = function() one_of(list(NULL, 1L, 42)),
  "^(fn|f|call|func|body|cond|metric_fn|call_function)$" =
    function() one_of(list(function(x) x, function(...) op_sum(..1))),
  "^layer$|^backward_layer$" = function() {
    one_of(list(layer_dense(units = 2), layer_lstm(units = 2)))
  },
  "^cells?$" = function() {
    one_of(list(rnn_cell_gru(units = 2), list(rnn_cell_lstm(units = 2))))
  },
  "^(texts?|input_text)$" = function() one_of(list("a b c", c("a b", "b c"))),
  "^sequences$" = function() list(1:3, 2L, integer()),
  "^tokenizer$" = function() fit_text_tokenizer(text_tokenizer(), "a b c"),
  "^(filepath|filename|backup_dir)$" = function() tempfile("property-"),
  "^weights$" = function() get_weights(small_model()),
  "^optimizer$|^inner_optimizer$" = function() optimizer_adam(),
  "^(indices|index|which)$" = function() one_of(list(1L, c(1L, 2L))),
  "^config$" = function() get_config(layer_dense(units = 2)),
  "^subscripts$" = function() "ab,bc->ac",
  "^pattern$" = function() "a b -> b a",
  "^(classname|package)$" = function() "Own",
  "^(public|private|active)$" = function() list(),
  "^(thresholds?)$" = function() one_of(list(0.5, c(0.25, 0.5))),
  "^(decay_steps|first_decay_steps|patience|sequence_length)$" = some_count,
  "^monitor$" = function() "loss"
)

draw_plausible <- function(name) {
  for (pattern in names(plausible)) {
    if (grepl(pattern, name)) return(list(plausible[[pattern]]()))
  }
  list(one_of(list(1, 2L, 0.5, TRUE, "a", NULL, 1:2)))
}

# ---- how a value looks in a report -------------------------------------------

show_value <- function(x) {
  if (is.null(x)) return("NULL")
  if (is.function(x) && is.null(attributes(x)$instance)) return("function")
  if (inherits(x, "elman_tensor")) {
    return(paste0("tensor", show_shape_text(dim(x)), op_dtype(x)))
  }
  if (is.object(x) || is.environment(x)) return(paste0("<", class(x)[1], ">"))
  if (is.list(x)) {
    return(paste0("list(", paste(vapply(x, show_value, ""), collapse = ", "),
                  ")"))
  }
  if (!is.null(dim(x))) {
    return(paste0(typeof(x), show_shape_text(dim(x))))
  }
  text <- paste(deparse(x), collapse = "")
  if (nchar(text) > 60) paste0(substr(text, 1, 57), "...") else text
}
show_shape_text <- function(d) paste0("[", toString(d), "]")

show_call <- function(name, arguments) {
  labels <- names(arguments)
  if (is.null(labels)) labels <- rep("", length(arguments))
  parts <- vapply(arguments, show_value, "")
  parts <- ifelse(nzchar(labels), paste(labels, "=", parts), parts)
  paste0(name, "(", paste(parts, collapse = ", "), ")")
}

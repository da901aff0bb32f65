# export_cpp(): a model as one C++17 header that needs nothing else.

#' Write a model as a C++ header
#'
#' One self-contained C++17 header with the model's weights and all that runs
#' them: no library, no file to load, nothing allocated at run time. For
#' plugins, devices and services that take one step after the other.
#'
#' @param model A built model, its layers in one row: simple recurrent, LSTM and
#'   GRU layers and stacks of such cells, bidirectional and time distributed
#'   layers, embedding, masking, dense and activation. Layers that only training
#'   knows, such as dropout, are left out.
#' @param filepath Path of the header, ending in `.h` or `.hpp`. `NULL` gives
#'   its text.
#' @param name Name of the namespace that everything lies in; the model's name
#'   if `NULL`.
#' @param overwrite Whether to replace a file that exists. If `FALSE`, you are
#'   asked in an interactive session, and elsewhere it is an error.
#' @return The model, invisibly; with `filepath = NULL` the text.
#' @details In C++, for a model named `small` (`Real` is `float`, or `double`
#'   for models in float64):
#'
#' ```
#' small::Model model;                  // states are zeros
#' const small::Real* y = model.step(x);   // x[kInputs], y[kOutputs]
#' model.reset();                       // states are zeros again
#' small::Model::predict(x, steps, y);  // x[steps][kInputs], as predict()
#' ```
#'
#'   `step()` gives after each step what [predict()][predict.elman_model] gives
#'   for the steps so far. It allocates nothing, and never fails: an id that an
#'   embedding does not know counts as zeros. Where a layer reads from the last
#'   step to the first (bidirectional, `go_backwards`) there is `predict()`
#'   alone, which allocates. A model of vectors `[batch, features]` has steps
#'   that know nothing of each other. `predict()` changes no model's states;
#'   those of stateful layers start as zeros.
#' @section Errors: `elman_error_argument` where a layer cannot be written,
#'   which is named; `elman_error_state` where the model is not built;
#'   `elman_error_file` where the file exists or cannot be written.
#' @section Compatibility: keras3 has no such function.
#' @family files
#' @examples
#' model <- keras_model_sequential(input_shape = c(5, 2), name = "small") |>
#'   layer_lstm(3)
#' path <- tempfile(fileext = ".h")
#' export_cpp(model, path)
#' head(readLines(path))
#' unlink(path)
#' @export
export_cpp <- function(model, filepath = NULL, name = NULL,
                       overwrite = FALSE) {
  chain <- export_chain(model, "C++")
  name <- cpp_name(name, chain$name)
  if (is.null(filepath)) return(cpp_header(chain, name))
  filepath <- check_ending(filepath, c(".h", ".hpp"))
  text <- cpp_header(chain, name)
  if (!may_overwrite(filepath, overwrite)) return(invisible(model))
  replace_file(filepath, function(path) write_bytes(charToRaw(text), path))
  invisible(model)
}

cpp_keywords <- c(
  "and", "asm", "auto", "bool", "break", "case", "catch", "char", "class",
  "const", "continue", "default", "delete", "do", "double", "else", "enum",
  "explicit", "export", "extern", "false", "float", "for", "friend", "goto",
  "if", "inline", "int", "long", "mutable", "namespace", "new", "not",
  "operator", "or", "private", "protected", "public", "register", "return",
  "short", "signed", "sizeof", "static", "std", "struct", "switch", "template",
  "this", "throw", "true", "try", "typedef", "typeid", "typename", "union",
  "unsigned", "using", "virtual", "void", "volatile", "while", "xor"
)

# A name that C++ takes; a model's own is made to fit.
cpp_name <- function(name, own) {
  if (is.null(name)) {
    name <- gsub("[^A-Za-z0-9]+", "_", own)
    name <- gsub("__+|^_|_$", "", name)
    if (!grepl("^[A-Za-z]", name) || name %in% cpp_keywords) {
      name <- paste0("model_", name)
    }
    return(name)
  }
  name <- check_string(name, "name")
  if (!grepl("^[A-Za-z][A-Za-z0-9_]*$", name) || grepl("__", name) ||
        name %in% cpp_keywords) {
    must_be(name, "name", "a name in C++: letters, digits and single \"_\"")
  }
  name
}

# ---- the header --------------------------------------------------------------

cpp_header <- function(chain, name) {
  weights <- new.env(parent = emptyenv())
  weights$real <- if (any(vapply(chain$layers, function(layer) {
    identical(layer$dtype, "float64")
  }, NA))) "double" else "float"
  weights$text <- character()
  parts <- cpp_all_parts(chain$layers, input_width(chain), weights, chain$what)
  by_steps <- all(vapply(parts, function(part) is.null(part$run), NA))
  guard <- paste0("ELMAN_MODEL_", toupper(name), "_H_")
  paste(c(
    cpp_head(chain, name, guard, by_steps, weights$real),
    cpp_runtime("exported_layers.h"),
    if (!by_steps) c("", cpp_runtime("exported_sequence.h")),
    "", "// ---- the model ----", "", weights$text,
    if (by_steps) cpp_step_model(chain, parts) else
      cpp_sequence_model(chain, parts),
    "", paste0("}  // namespace ", name), "", paste0("#endif  // ", guard), ""
  ), collapse = "\n")
}

cpp_head <- function(chain, name, guard, by_steps, real) {
  c(
    sprintf("// The model \"%s\", written by elman's export_cpp(). C++17, no",
            gsub("[^ -~]|\\\\", "?", chain$name)),
    "// dependency but the standard library.",
    "//",
    sprintf("//   %s::Model::predict(x, steps, y);", name),
    if (by_steps) c(
      sprintf("//   %s::Model model;", name),
      sprintf("//   const %s::Real* y = model.step(x);", name)
    ),
    paste0("#ifndef ", guard), paste0("#define ", guard), "",
    "#include <cmath>", "#include <cstddef>",
    if (!by_steps) "#include <vector>",
    "", paste("namespace", name, "{"), "",
    sprintf("typedef %s Real;", real), ""
  )
}

# The text that headers share.
cpp_runtime <- function(file) {
  readLines(system.file("cpp", file, package = "elman", mustWork = TRUE))
}

# Numbers that go in and come out at each step.
cpp_sizes <- function(chain, parts) {
  sprintf("  static constexpr int kInputs = %d, kOutputs = %d;",
          input_width(chain), parts[[length(parts)]]$width)
}

cpp_step_model <- function(chain, parts) {
  k <- seq_along(parts) - 1L
  from <- c("x", sprintf("y%d_", k))[k + 1L]
  forgets <- vapply(parts, function(part) isTRUE(part$last_only), NA)
  sequence <- chain$kind == "sequence" || chain$takes == "vector"
  c(
    "class Model {", " public:", cpp_sizes(chain, parts), "",
    "  Model() { reset(); }", "",
    "  // States are zeros again.",
    "  void reset() {", sprintf("    layer%d_.reset();", k), "  }", "",
    paste0("  // One more step: x[kInputs]. What is given, [kOutputs], ",
           "stays until the"),
    "  // next call.",
    "  const Real* step(const Real* x) {",
    "    bool use = true;",
    sprintf("    use = layer%d_.step(%s, use, y%d_);%s", k, from, k,
            ifelse(forgets, "\n    use = true;", "")),
    "    (void)use;",
    sprintf("    return y%d_;", max(k)), "  }", "",
    if (sequence) "  // x[steps][kInputs] to y[steps][kOutputs]." else
      "  // x[steps][kInputs] to y[kOutputs].",
    "  static void predict(const Real* x, std::size_t steps, Real* y) {",
    "    Model model;",
    if (!sequence) "    for (int j = 0; j < kOutputs; ++j) y[j] = 0;",
    "    for (std::size_t t = 0; t < steps; ++t) {",
    "      const Real* last = model.step(x + t * kInputs);",
    sprintf("      for (int j = 0; j < kOutputs; ++j) y[%sj] = last[j];",
            if (sequence) "t * kOutputs + " else ""),
    "    }", "  }", "", " private:",
    sprintf("  %s layer%d_%s;", vapply(parts, `[[`, "", "type"), k,
            vapply(parts, function(part) part$value %||% "", "")),
    sprintf("  Real y%d_[%d];", k, vapply(parts, `[[`, 1L, "width")),
    "};"
  )
}

cpp_sequence_model <- function(chain, parts) {
  k <- seq_along(parts) - 1L
  calls <- vapply(parts, function(part) {
    part$run %||% if (isTRUE(part$recurs)) {
      sprintf("recur(%s(), false, %s, x%%1$d)", part$type,
              cpp_flag(!part$last_only))
    } else {
      sprintf("each_step(%s%s, x%%1$d)", part$type, part$value %||% "()")
    }
  }, "")
  c(
    "class Model {", " public:", cpp_sizes(chain, parts), "",
    if (chain$kind == "sequence") {
      "  // x[steps][kInputs] to y[steps][kOutputs]."
    } else {
      "  // x[steps][kInputs] to y[kOutputs]."
    },
    "  static void predict(const Real* x, std::size_t steps, Real* y) {",
    "    Sequence x0(steps, kInputs);",
    paste0("    for (std::size_t i = 0; i < x0.values.size(); ++i) ",
           "x0.values[i] = x[i];"),
    sprintf("    const Sequence x%d =\n        %s;", k + 1L,
            sprintf(calls, k)),
    sprintf("    const Sequence& last = x%d;", length(parts)),
    "    for (std::size_t i = 0; i < last.values.size(); ++i) {",
    "      y[i] = last.values[i];", "    }", "  }", "};"
  )
}

cpp_flag <- function(x) if (x) "true" else "false"

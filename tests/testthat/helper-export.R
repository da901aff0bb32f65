# Headers that export_cpp() wrote, compiled into one program and run.

# Models with random weights, so that biases count too.
with_random_weights <- function(model) {
  set_weights(model, lapply(get_weights(model), function(w) {
    array(stats::rnorm(length(w), sd = 0.5), dim(w))
  }))
  model
}

# R's own compiler, or NULL.
cpp_compiler <- function() {
  r <- file.path(R.home("bin"), "R")
  ask <- function(what) {
    suppressWarnings(system2(r, c("CMD", "config", what), stdout = TRUE,
                             stderr = FALSE))
  }
  command <- ask("CXX17")
  if (!length(command) || !nzchar(command[1])) return(NULL)
  paste(command[1], ask("CXX17STD")[1])
}

# A program that answers predict() of each of these headers, and step() where
# there is one. It counts what is allocated in steps.
compile_models <- function(headers, step = names(headers), folder) {
  for (name in names(headers)) {
    writeLines(headers[[name]], file.path(folder, paste0(name, ".h")))
  }
  writeLines(c(
    sprintf("#include \"%s.h\"", names(headers)),
    "#include <cstdio>", "#include <cstdlib>", "#include <cstring>",
    "#include <new>", "#include <vector>",
    "static long allocated = 0;",
    "void* operator new(std::size_t n) { ++allocated;",
    "  return std::malloc(n ? n : 1); }",
    "void operator delete(void* p) noexcept { std::free(p); }",
    "void operator delete(void* p, std::size_t) noexcept { std::free(p); }",
    "template <class M, class R> void predict(const std::vector<R>& x,",
    "    std::size_t steps, bool sequence) {",
    "  std::vector<R> y((sequence ? steps : 1) * M::kOutputs, R(99));",
    "  M::predict(x.data(), steps, y.data());",
    "  for (R v : y) std::printf(\"%.17g\\n\", double(v));",
    "}",
    "template <class M, class R> void step(const std::vector<R>& x,",
    "    std::size_t steps, bool) {",
    "  M model;",
    "  std::vector<double> out; out.reserve(steps * M::kOutputs);",
    "  for (int round = 0; round < 2; ++round) {",
    "    out.clear(); model.reset();",
    "    const long before = allocated;",
    "    for (std::size_t t = 0; t < steps; ++t) {",
    "      const R* y = model.step(x.data() + t * M::kInputs);",
    "      for (int j = 0; j < M::kOutputs; ++j) out.push_back(y[j]);",
    "    }",
    "    if (allocated != before) std::abort();",
    "  }",
    "  for (double v : out) std::printf(\"%.17g\\n\", v);",
    "}",
    "template <class R> std::vector<R> numbers(char** from, char** to) {",
    "  std::vector<R> x;",
    "  for (; from != to; ++from) x.push_back(R(std::atof(*from)));",
    "  return x;",
    "}",
    "int main(int argc, char** argv) {",
    "  const char* what = argv[1];",
    "  const std::size_t steps = std::size_t(std::atoi(argv[2]));",
    "  const bool sequence = std::atoi(argv[3]) != 0;",
    sprintf(paste(
      "  if (!std::strcmp(what, \"%1$s.predict\")) predict<%1$s::Model>(",
      "numbers<%1$s::Real>(argv + 4, argv + argc), steps, sequence);"
    ), names(headers)),
    sprintf(paste(
      "  if (!std::strcmp(what, \"%1$s.step\")) step<%1$s::Model>(",
      "numbers<%1$s::Real>(argv + 4, argv + argc), steps, sequence);"
    ), step),
    "}"
  ), file.path(folder, "main.cpp"))
  program <- file.path(folder, "main.exe")
  log <- suppressWarnings(system(paste(
    cpp_compiler(), "-Wall -Wextra -Werror -O0 -o", shQuote(program),
    shQuote(file.path(folder, "main.cpp")), "2>&1"
  ), intern = TRUE))
  if (!file.exists(program)) stop(paste(log, collapse = "\n"))
  program
}

# What the program gives for one sample [time, features] (or ids).
run_exported <- function(program, what, x, sequence) {
  steps <- NROW(x)
  as.numeric(system2(program, c(what, steps, as.integer(sequence),
                                sprintf("%.9g", as.vector(t(x)))),
                     stdout = TRUE))
}

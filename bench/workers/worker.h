// The C++ side of the protocol: a long-lived process that answers one line on
// standard output for each line on standard input.
//
//   info                       name, versions and cells (simple, lstm, gru)
//   open FOLDER CELL B T F U   read the case's inputs, prepare every method;
//                              the answer names the methods
//   check METHOD FILE          run once, write all outputs to FILE as float32
//   time METHOD CALLS          seconds for that many calls
//   gemm N CALLS               seconds for that many N x N x N products
//   quit
#ifndef ELMAN_BENCH_WORKER_H_
#define ELMAN_BENCH_WORKER_H_

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

using Floats = std::vector<float>;

// The inputs that all workers share, row-major: x [B, T, F], W [F, G U],
// R [U, G U], b [G U] (two rows of it for gru), dy [B, T, U], for the G gates of
// the cell in Keras's order: i f c o, and z r h.
struct Inputs {
  std::string cell;
  int B, T, F, U, G;
  Floats x, W, R, b, dy;
};

inline int gates_of(const std::string& cell) {
  return cell == "lstm" ? 4 : cell == "gru" ? 3 : 1;
}

inline Floats read_floats(const std::string& path, size_t n) {
  Floats values(n);
  std::ifstream file(path, std::ios::binary);
  const auto bytes = static_cast<std::streamsize>(n * sizeof(float));
  if (!file.read(reinterpret_cast<char*>(values.data()), bytes)) {
    throw std::runtime_error("cannot read " + path);
  }
  return values;
}

inline Inputs read_inputs(const std::string& folder, const std::string& cell,
                          int B, int T, int F, int U) {
  const int G = gates_of(cell);
  const size_t b = B, t = T, f = F, u = U, gu = u * G;
  const auto read = [&](const char* name, size_t n) {
    return read_floats(folder + "/" + name + ".f32", n);
  };
  return {cell,
          B,
          T,
          F,
          U,
          G,
          read("x", b * t * f),
          read("W", f * gu),
          read("R", u * gu),
          read("b", cell == "gru" ? 2 * gu : gu),
          read("dy", b * t * u)};
}

// [A, B, n] to [B, A, n]: peers that want time first get their own layout,
// outside of the timing.
inline Floats swap_axes(const Floats& from, int A, int B, int n) {
  Floats to(from.size());
  for (int i = 0; i < A; ++i) {
    for (int j = 0; j < B; ++j) {
      const float* row = &from[(static_cast<size_t>(i) * B + j) * n];
      std::copy(row, row + n, &to[(static_cast<size_t>(j) * A + i) * n]);
    }
  }
  return to;
}

// One method of a worker on one case: what is timed, and its outputs in the
// order and layout of the reference (forward: h_T; backward: dx dW dR db).
struct Method {
  std::string name;
  std::function<void()> run;
  std::function<std::vector<Floats>()> outputs;
};

struct Worker {
  std::string name, versions, cells;
  // Keeps whatever the methods refer to alive in the returned closures.
  std::function<std::vector<Method>(const Inputs&)> open;
  std::function<std::function<void()>(int n)> gemm;  // may be empty
};

inline double seconds_for(const std::function<void()>& run, long calls) {
  using Clock = std::chrono::steady_clock;
  if (calls > 1) run();  // a long call needs no warming up
  const auto start = Clock::now();
  for (long i = 0; i < calls; ++i) run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

inline std::string in_words(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9f", seconds);
  return text;
}

inline const Method& find_method(const std::vector<Method>& methods,
                                 const std::string& name) {
  for (const Method& method : methods) {
    if (method.name == name) return method;
  }
  throw std::runtime_error("no method " + name);
}

inline void write_outputs(const Method& method, const std::string& path) {
  method.run();
  std::ofstream file(path, std::ios::binary);
  for (const Floats& values : method.outputs()) {
    file.write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(float)));
  }
}

inline std::string answer(const Worker& worker, std::vector<Method>* methods,
                          const std::string& line) {
  std::istringstream words(line);
  std::string command, name, path, cell;
  words >> command;
  if (command == "info") {
    return worker.name + "\t" + worker.versions + "\t" + worker.cells;
  }
  if (command == "open") {
    int B, T, F, U;
    words >> path >> cell >> B >> T >> F >> U;
    methods->clear();
    *methods = worker.open(read_inputs(path, cell, B, T, F, U));
    for (const Method& method : *methods) name += method.name + " ";
    return name;
  }
  if (command == "check") {
    words >> name >> path;
    write_outputs(find_method(*methods, name), path);
    return "ok";
  }
  long calls = 0;
  if (command == "time") {
    words >> name >> calls;
    return in_words(seconds_for(find_method(*methods, name).run, calls));
  }
  if (command == "gemm" && worker.gemm) {
    int n = 0;
    words >> n >> calls;
    return in_words(seconds_for(worker.gemm(n), calls));
  }
  throw std::runtime_error("cannot answer: " + line);
}

inline int serve(const Worker& worker) {
  std::vector<Method> methods;
  std::string line;
  while (std::getline(std::cin, line) && line != "quit") {
    try {
      std::cout << answer(worker, &methods, line) << std::endl;
    } catch (const std::exception& error) {
      std::cout << "error " << error.what() << std::endl;
    }
  }
  return 0;
}

}  // namespace bench

#endif  // ELMAN_BENCH_WORKER_H_

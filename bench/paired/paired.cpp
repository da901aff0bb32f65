// Times two builds of the core against each other in one process (see
// bench/regress): each round gives either side a turn of a few milliseconds, in
// reversed order on alternate rounds, so that a slow spell of the machine hits
// both.
//
//   paired OLD.so NEW.so THREADS SECONDS CASE...
//
// A case is OPERATION:CELL:SIZES, as in backward:simple:32,100,32,32. For each:
// the median time of either side, the new one's GF/s as a share of what the
// same processor's multiply-add units gave in the same rounds, and the median
// of old over new with its quartiles: above 1 the new one is faster.
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <string>
#include <vector>

#include "../peak.h"

namespace {

bool processor_time = true;

// On one thread the thread's processor time, which leaves out what other
// programs take.
double now() {
  if (processor_time) {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

struct Side {
  void* (*open)(const char*, const char*, const long long*);
  void (*run)(void*);
  void (*close)(void*);
  void (*threads)(int);

  explicit Side(const char* path) {
    void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) throw std::runtime_error(dlerror());
    find(library, "elman_side_open", &open);
    find(library, "elman_side_run", &run);
    find(library, "elman_side_close", &close);
    find(library, "elman_side_threads", &threads);
  }

  template <class F>
  static void find(void* library, const char* name, F* f) {
    *f = reinterpret_cast<F>(dlsym(library, name));
    if (!*f) throw std::runtime_error(std::string("no ") + name);
  }
};

struct Case {
  std::string operation, cell;
  long long sizes[4] = {};

  explicit Case(const std::string& text) {
    const size_t first = text.find(':'), second = text.find(':', first + 1);
    if (second == std::string::npos) throw std::runtime_error("what is " + text);
    operation = text.substr(0, first);
    cell = text.substr(first + 1, second - first - 1);
    const char* rest = text.c_str() + second + 1;
    for (int i = 0; i < 4 && *rest; ++i) {
      char* end;
      sizes[i] = std::strtoll(rest, &end, 10);
      rest = *end ? end + 1 : end;
    }
  }

  // Of the products alone.
  double operations() const {
    const double a = static_cast<double>(sizes[0]) * sizes[1] * sizes[2];
    if (operation.compare(0, 4, "gemm") == 0) return 2 * a;
    if (operation.compare(0, 7, "convert") == 0) return 0;
    const double gates = cell == "lstm" ? 4 : cell == "gru" ? 3 : 1;
    const double forward = 2.0 * sizes[0] * sizes[1] * sizes[3] *
                           (sizes[2] + sizes[3]) * gates;
    return operation == "backward" ? 3 * forward : forward;
  }
};

double quantile(std::vector<double> values, double at) {
  const auto place = static_cast<std::ptrdiff_t>(at * (values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[place];
}

double turn(const Side& side, void* call, int calls) {
  side.run(call);  // its data and code are warm again
  const double begin = now();
  for (int i = 0; i < calls; ++i) side.run(call);
  return (now() - begin) / calls;
}

void compare(const Side (&sides)[2], const std::string& text, double budget) {
  const Case what(text);
  void* calls[2];
  for (int i = 0; i < 2; ++i) {
    calls[i] = sides[i].open(what.operation.c_str(), what.cell.c_str(),
                             what.sizes);
    if (!calls[i]) {
      std::printf("%-34s not known to the %s one\n", text.c_str(),
                  i == 0 ? "old" : "new");
      return;
    }
  }
  const double once = turn(sides[0], calls[0], 1);
  const int repeats = std::max(1, static_cast<int>(0.003 / (once + 1e-9)));
  std::vector<double> times[2], ratios, shares;
  double spent = 0;
  for (int round = 0; spent < budget || round < 5; ++round) {
    double seconds[2];
    const double peak = elman_bench::peak(now);
    for (int i = 0; i < 2; ++i) {
      const int side = (i + round) % 2;
      seconds[side] = turn(sides[side], calls[side], repeats);
      times[side].push_back(seconds[side]);
    }
    spent += (seconds[0] + seconds[1]) * repeats;
    ratios.push_back(seconds[0] / seconds[1]);
    shares.push_back(what.operations() / seconds[1] * 1e-9 / peak);
  }
  std::printf("%-34s %11.2f %11.2f us %5.0f%%   %5.3f (%.3f-%.3f) %zu rounds\n",
              text.c_str(), quantile(times[0], .5) * 1e6,
              quantile(times[1], .5) * 1e6, 100 * quantile(shares, .5),
              quantile(ratios, .5), quantile(ratios, .25),
              quantile(ratios, .75), ratios.size());
  std::fflush(stdout);
  for (int i = 0; i < 2; ++i) sides[i].close(calls[i]);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 6) throw std::runtime_error("see bench/regress");
    const Side sides[2] = {Side(argv[1]), Side(argv[2])};
    const int threads = std::atoi(argv[3]);
    processor_time = threads == 1;
    for (const Side& side : sides) side.threads(threads);
    std::printf("%d thread(s), peak of one %.0f GF/s\n", threads,
                elman_bench::peak(now));
    std::printf("%-34s %11s %11s    %5s   %5s\n", "case", "old", "new", "peak",
                "ratio");
    for (int i = 5; i < argc; ++i) compare(sides, argv[i], std::atof(argv[4]));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "paired: %s\n", error.what());
    return 1;
  }
}

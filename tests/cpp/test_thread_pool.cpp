// The pool: every item once, errors carried over, safe after a fork.
#include <atomic>
#include <numeric>
#include <stdexcept>
#include <vector>

#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "check.h"
#include "core/thread_pool.h"

namespace {

int64_t covered(int64_t n, int64_t grain) {
  std::vector<int> seen(n, 0);
  elman::parallel_for(n, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) ++seen[i];
  });
  for (int count : seen) CHECK(count == 1);
  return std::accumulate(seen.begin(), seen.end(), int64_t{0});
}

}  // namespace

TEST("a parallel loop visits every item once") {
  for (int threads = 1; threads <= 4; ++threads) {
    elman::set_num_threads(threads);
    for (int64_t n : {0, 1, 2, 3, 7, 100, 1001}) CHECK(covered(n, 1) == n);
  }
}

TEST("a small range stays on the caller's thread") {
  elman::set_num_threads(4);
  std::atomic<int> calls{0};
  elman::parallel_for(7, 4, [&](int64_t, int64_t) { ++calls; });
  CHECK(calls == 1);
}

TEST("a loop within a loop runs serially") {
  elman::set_num_threads(2);
  std::atomic<int64_t> inner{0};
  elman::parallel_for(2, 1, [&](int64_t, int64_t) { inner += covered(10, 1); });
  CHECK(inner == 20);
}

TEST("an error in a slice reaches the caller and the pool goes on") {
  elman::set_num_threads(3);
  for (int64_t bad = 0; bad < 3; ++bad) {
    const auto loop = [&](int64_t begin, int64_t) {
      if (begin == bad) throw std::runtime_error("slice");
    };
    CHECK_THROWS(elman::parallel_for(3, 1, loop), std::runtime_error);
    CHECK(covered(10, 1) == 10);
  }
}

TEST("threads can be ended and start afresh") {
  elman::set_num_threads(2);
  CHECK(covered(10, 1) == 10);
  elman::shutdown_threads();
  elman::shutdown_threads();
  CHECK(covered(10, 1) == 10);
  CHECK_THROWS(elman::set_num_threads(0), std::invalid_argument);
  CHECK(elman::num_threads() == 2);
}

#ifndef _WIN32
TEST("a forked child computes with threads of its own") {
  elman::set_num_threads(2);
  CHECK(covered(10, 1) == 10);
  const pid_t child = fork();
  if (child == 0) {
    bool fine = false;
    try {
      fine = covered(100, 1) == 100;
    } catch (...) {
    }
    _exit(fine ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(covered(10, 1) == 10);
}
#endif

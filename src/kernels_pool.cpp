// The worker threads behind core/thread_pool.h. Each worker has a mailbox: the
// caller posts a job, the worker empties it when done, so a call wakes and
// waits for the workers it uses and no others.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#ifndef _WIN32
#include <sys/types.h>
#include <unistd.h>
#endif

#include "core/thread_pool.h"

namespace elman {
namespace {

// Workers spin for some 20 to 50 us before they sleep: the next kernel of a
// training step comes sooner than that, an idle R session does not.
constexpr int kSpinsBeforeSleep = 2000;
constexpr int kSpinsBeforeYield = 20000;
constexpr int kMaxThreads = 1024;

void pause_cpu() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

int64_t process_id() {
#ifdef _WIN32
  return 0;  // no fork
#else
  return static_cast<int64_t>(getpid());
#endif
}

struct Job {
  int64_t n;
  int64_t slices;
  internal::SliceFunction f;
  void* context;
  std::atomic<bool> failed{false};
  std::exception_ptr error;

  void run(int64_t slice) {
    try {
      f(context, n * slice / slices, n * (slice + 1) / slices);
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
    }
  }
};

thread_local bool inside_slice = false;

class Worker {
 public:
  explicit Worker(int64_t slice)
      : slice_(slice), thread_([this] { loop(); }) {}

  ~Worker() {
    post(&stop_);
    thread_.join();
  }

  void post(Job* job) {
    job_.store(job);
    if (!sleeping_.load()) return;
    // The empty critical section orders this wake after the worker's last look
    // at its mailbox.
    { std::lock_guard<std::mutex> lock(mutex_); }
    wake_.notify_one();
  }

  void wait_until_done() const {
    for (int spins = 0; job_.load(std::memory_order_acquire); ++spins) {
      if (spins < kSpinsBeforeYield) {
        pause_cpu();
      } else {
        std::this_thread::yield();
      }
    }
  }

 private:
  Job* next_job() {
    for (int spins = 0; spins < kSpinsBeforeSleep; ++spins) {
      if (Job* job = job_.load(std::memory_order_acquire)) return job;
      pause_cpu();
    }
    std::unique_lock<std::mutex> lock(mutex_);
    sleeping_.store(true);
    wake_.wait(lock, [this] { return job_.load() != nullptr; });
    sleeping_.store(false);
    return job_.load();
  }

  void loop() {
    inside_slice = true;
    for (Job* job = next_job(); job != &stop_; job = next_job()) {
      job->run(slice_);
      job_.store(nullptr, std::memory_order_release);
    }
  }

  const int64_t slice_;
  Job stop_{};
  std::atomic<Job*> job_{nullptr};
  std::atomic<bool> sleeping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;  // last: it runs loop() on the members above
};

struct Pool {
  int64_t owner = process_id();
  std::vector<std::unique_ptr<Worker>> workers;
};

// Plain pointers, so that nothing is joined at exit(): the workers hold no
// state worth saving and a forked child must not touch its parent's.
Pool* pool = nullptr;
std::mutex pool_mutex;

void pool_with(int64_t workers) {
  if (pool && pool->owner != process_id()) pool = nullptr;
  if (!pool) pool = new Pool;
  while (static_cast<int64_t>(pool->workers.size()) < workers) {
    const int64_t slice = static_cast<int64_t>(pool->workers.size()) + 1;
    pool->workers.push_back(std::make_unique<Worker>(slice));
  }
}

// False where the system has no memory or no threads left for so many.
bool start_workers(int64_t workers) {
  try {
    pool_with(workers);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

int initial_threads() {
  int n = static_cast<int>(std::thread::hardware_concurrency());
  if (const char* text = std::getenv("ELMAN_NUM_THREADS")) n = std::atoi(text);
  return std::clamp(n, 1, kMaxThreads);
}

std::atomic<int> thread_limit{0};  // 0: not asked for yet

}  // namespace

int num_threads() {
  int n = thread_limit.load(std::memory_order_relaxed);
  if (n == 0) {
    n = initial_threads();
    thread_limit.store(n, std::memory_order_relaxed);
  }
  return n;
}

void set_num_threads(int n) {
  if (n < 1 || n > kMaxThreads) {
    throw std::invalid_argument("the number of threads must be in 1..1024");
  }
  thread_limit.store(n, std::memory_order_relaxed);
}

void shutdown_threads() {
  std::lock_guard<std::mutex> lock(pool_mutex);
  if (pool && pool->owner == process_id()) delete pool;
  pool = nullptr;
}

namespace internal {

int64_t slice_count(int64_t n, int64_t grain) {
  if (inside_slice) return 1;
  const int64_t most = n / std::max<int64_t>(grain, 1);
  return std::clamp<int64_t>(most, 1, num_threads());
}

void run_slices(int64_t n, int64_t slices, SliceFunction f, void* context) {
  std::unique_lock<std::mutex> lock(pool_mutex, std::try_to_lock);
  if (!lock.owns_lock()) {  // another thread's loop is running
    f(context, 0, n);
    return;
  }
  Job job{n, slices, f, context, {}, nullptr};
  if (!start_workers(slices - 1)) {
    // Slices are independent: this thread does all of them.
    inside_slice = true;
    for (int64_t i = 0; i < slices; ++i) job.run(i);
    inside_slice = false;
    if (job.failed) std::rethrow_exception(job.error);
    return;
  }
  auto& workers = pool->workers;
  for (int64_t i = 1; i < slices; ++i) workers[i - 1]->post(&job);
  inside_slice = true;
  job.run(0);
  inside_slice = false;
  for (int64_t i = 1; i < slices; ++i) workers[i - 1]->wait_until_done();
  if (job.failed) std::rethrow_exception(job.error);
}

}  // namespace internal
}  // namespace elman

// Threads of the core: parallel_for() cuts a range into one contiguous slice
// per thread. Nothing is created at one thread or for small ranges; a process
// born by fork() makes its own workers; a slice never depends on timing, so a
// loop whose slices are independent gives the same bits for any thread count.
#ifndef ELMAN_CORE_THREAD_POOL_H_
#define ELMAN_CORE_THREAD_POOL_H_

#include <cstdint>
#include <type_traits>

namespace elman {

// Threads that parallel_for() may use, the caller included. Starts as
// ELMAN_NUM_THREADS, or else as the number of processors.
int num_threads();

// Throws std::invalid_argument unless n is in 1..1024.
void set_num_threads(int n);

// Ends and joins the workers; the next parallel_for() starts them afresh.
void shutdown_threads();

namespace internal {

using SliceFunction = void (*)(void* context, int64_t begin, int64_t end);

// Slices for n items of which at least `grain` belong together.
int64_t slice_count(int64_t n, int64_t grain);

// Runs f over `slices` nearly equal parts of [0, n); the first exception that
// a slice throws is thrown again here.
void run_slices(int64_t n, int64_t slices, SliceFunction f, void* context);

}  // namespace internal

// Calls f(begin, end) on disjoint slices that cover [0, n). A call from
// within a slice runs on its own thread.
template <class F>
void parallel_for(int64_t n, int64_t grain, F&& f) {
  if (n <= 0) return;
  const int64_t slices = n < 2 * grain ? 1 : internal::slice_count(n, grain);
  if (slices <= 1) {
    f(int64_t{0}, n);
    return;
  }
  using Function = std::remove_reference_t<F>;
  auto call = [](void* context, int64_t begin, int64_t end) {
    (*static_cast<Function*>(context))(begin, end);
  };
  internal::run_slices(n, slices, call,
                       const_cast<std::remove_const_t<Function>*>(&f));
}

}  // namespace elman

#endif  // ELMAN_CORE_THREAD_POOL_H_

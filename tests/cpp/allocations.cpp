// Counts allocations. The sanitizers have their own malloc() and call a hook of
// ours; glibc's is replaced by one that counts and goes on to glibc; elsewhere
// only operator new is seen.
#include "allocations.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<long> asked{0};

}  // namespace

long allocations::count() { return asked.load(); }

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

extern "C" int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void*, size_t),
    void (*on_free)(const volatile void*));

namespace {

const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, size_t) { ++asked; },
    [](const volatile void*) {});

}  // namespace

#elif defined(__GLIBC__)

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t n) {
  ++asked;
  return __libc_malloc(n);
}
void* calloc(size_t n, size_t size) {
  ++asked;
  return __libc_calloc(n, size);
}
void* realloc(void* p, size_t n) {
  ++asked;
  return __libc_realloc(p, n);
}
void* aligned_alloc(size_t alignment, size_t n) {
  ++asked;
  return __libc_memalign(alignment, n);
}
void* memalign(size_t alignment, size_t n) {
  ++asked;
  return __libc_memalign(alignment, n);
}
int posix_memalign(void** p, size_t alignment, size_t n) {
  ++asked;
  *p = __libc_memalign(alignment, n);
  return *p || n == 0 ? 0 : 12;  // ENOMEM
}
}

#else

void* operator new(size_t n) {
  ++asked;
  if (void* p = std::malloc(n ? n : 1)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }

#endif

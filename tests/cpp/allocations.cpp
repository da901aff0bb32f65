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

// Allocations that still succeed; below zero all do.
std::atomic<int64_t> left{-1};

bool fails_now() {
  if (left.load() < 0) return false;
  return left.fetch_sub(1) <= 0;
}

void* allocate(size_t size, size_t alignment) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__GLIBC__)
  ++asked;
#endif
  if (fails_now()) {
    left = 0;  // and so will those after it
    throw std::bad_alloc();
  }
  const size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* memory = alignment <= alignof(std::max_align_t)
                     ? std::malloc(size ? size : 1)
                     : std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* try_to_allocate(size_t size) noexcept {
  try {
    return allocate(size, alignof(std::max_align_t));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

long allocations::count() { return asked.load(); }
void allocations::fail_after(int64_t n) { left = n; }

void* operator new(size_t size) {
  return allocate(size, alignof(std::max_align_t));
}
void* operator new[](size_t size) {
  return allocate(size, alignof(std::max_align_t));
}
void* operator new(size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<size_t>(alignment));
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return try_to_allocate(size);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return try_to_allocate(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}

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

#endif

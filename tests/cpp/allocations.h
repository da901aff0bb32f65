// How often memory was asked for in this process, whoever asked: malloc() and
// its kin are counted, and with them operator new, which can be made to fail.
#ifndef ELMAN_TESTS_CPP_ALLOCATIONS_H_
#define ELMAN_TESTS_CPP_ALLOCATIONS_H_

#include <cstdint>

namespace allocations {

long count();

// After `n` more of them operator new throws, again and again; below zero never.
void fail_after(int64_t n);

}  // namespace allocations

#endif  // ELMAN_TESTS_CPP_ALLOCATIONS_H_

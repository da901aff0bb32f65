// How often memory was asked for in this process, whoever asked: malloc() and
// its kin are counted, and with them operator new.
#ifndef ELMAN_TESTS_CPP_ALLOCATIONS_H_
#define ELMAN_TESTS_CPP_ALLOCATIONS_H_

namespace allocations {

long count();

}  // namespace allocations

#endif  // ELMAN_TESTS_CPP_ALLOCATIONS_H_

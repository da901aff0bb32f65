// Compiles the file named by ELMAN_REGION once for every instruction set, in
// namespace elman::baseline, avx2 and avx512, and defines ELMAN_SELECT(f), the
// f of the set in use. No compiler flag is needed, so a package built on one
// machine runs on any other of its architecture.
//
// Rules of a region: it includes nothing but other region files, and knows the
// names of immintrin.h where the processor is an x86; every function
// in it is a template or in an unnamed namespace, so that no code for a wider
// set can stand in for baseline code of the same name; it uses no std::
// templates, for the same reason; vectors are passed to inlined functions only.
// A region sees
//   ELMAN_VECTOR_BYTES  the width of a vector
//   ELMAN_TILE_ROWS     rows of the largest register tile of two vectors a row
//   ELMAN_FUSED         whether a b + c is one instruction, rounded once
#ifndef ELMAN_REGION
#error "define ELMAN_REGION before including core/for_each_isa.h"
#endif

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/isa.h"

#define ELMAN_ALWAYS_INLINE inline __attribute__((always_inline))
#if defined(__clang__)
#define ELMAN_UNROLL _Pragma("clang loop unroll(full)")
#else
#define ELMAN_UNROLL _Pragma("GCC unroll 32")
#endif

// Lets the compiler forget how a pointer came about.
#define ELMAN_FORGET(pointer) __asm__("" : "+r"(pointer))

#define ELMAN_ISA baseline
#define ELMAN_VECTOR_BYTES 16
#if defined(__aarch64__)
#define ELMAN_TILE_ROWS 8
#define ELMAN_FUSED true
#else
#define ELMAN_TILE_ROWS 6
#define ELMAN_FUSED false
#endif
#include ELMAN_REGION
#undef ELMAN_ISA
#undef ELMAN_VECTOR_BYTES
#undef ELMAN_TILE_ROWS
#undef ELMAN_FUSED

#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define ELMAN_ISA avx2
#define ELMAN_VECTOR_BYTES 32
#define ELMAN_TILE_ROWS 6
#define ELMAN_FUSED true
#include ELMAN_REGION
#undef ELMAN_ISA
#undef ELMAN_VECTOR_BYTES
#undef ELMAN_TILE_ROWS
#undef ELMAN_FUSED
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#if defined(__clang__)
#pragma clang attribute push(                                             \
    __attribute__((target("avx2,fma,avx512f,avx512vl,avx512dq,avx512bw"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target( \
    "avx2,fma,avx512f,avx512vl,avx512dq,avx512bw,prefer-vector-width=512")
#endif
#define ELMAN_ISA avx512
#define ELMAN_VECTOR_BYTES 64
#define ELMAN_TILE_ROWS 12
#define ELMAN_FUSED true
#include ELMAN_REGION
#undef ELMAN_ISA
#undef ELMAN_VECTOR_BYTES
#undef ELMAN_TILE_ROWS
#undef ELMAN_FUSED
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#define ELMAN_SELECT_FOR(isa, f)              \
  ((isa) == ::elman::Isa::kAvx512 ? avx512::f \
   : (isa) == ::elman::Isa::kAvx2 ? avx2::f   \
                                  : baseline::f)

#else

// A choice here, too, because only that tells which instance of f is meant.
#define ELMAN_SELECT_FOR(isa, f) \
  ((isa) == ::elman::Isa::kBaseline ? baseline::f : baseline::f)

#endif  // __x86_64__

#define ELMAN_SELECT(f) ELMAN_SELECT_FOR(::elman::current_isa(), f)

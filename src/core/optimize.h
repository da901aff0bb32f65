// Included first by files whose loops should vectorise: R compiles with -O2,
// where GCC leaves most loops scalar. Clang does not.
#ifndef ELMAN_CORE_OPTIMIZE_H_
#define ELMAN_CORE_OPTIMIZE_H_

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

#endif  // ELMAN_CORE_OPTIMIZE_H_

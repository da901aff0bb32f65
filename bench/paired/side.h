// What a build of the core offers to bench/regress: calls made ready once and
// then repeated. Each build is a library of its own, and both are loaded into
// one process.
#ifndef ELMAN_BENCH_PAIRED_SIDE_H_
#define ELMAN_BENCH_PAIRED_SIDE_H_

extern "C" {
// Makes a call ready: an operation (forward, backward, stream, gemm_nn,
// gemm_tn, gemm_nt, convert_in, convert_out), a cell (simple, lstm, gru, or "-")
// and sizes: batch, steps, features, units; for a product M, N, K; for a
// conversion its three axes. Null if this build does not know it.
void* elman_side_open(const char* operation, const char* cell,
                      const long long* sizes);
void elman_side_run(void* call);
void elman_side_close(void* call);
void elman_side_threads(int n);
}

#endif  // ELMAN_BENCH_PAIRED_SIDE_H_

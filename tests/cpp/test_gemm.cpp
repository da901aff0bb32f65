// Matrix products against the plain triple loop.
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "check.h"
#include "core/gemm.h"
#include "core/isa.h"
#include "core/thread_pool.h"
#include "rnn_cases.h"

namespace {

template <class T>
std::vector<T> product(bool ta, bool tb, int64_t M, int64_t N, int64_t K,
                       const std::vector<T>& A, const std::vector<T>& B,
                       const T* bias, bool plain) {
  std::vector<T> C(M * N, T(7));
  if (plain) {
    elman::reference::gemm(ta, tb, M, N, K, A.data(), B.data(), C.data(), bias);
  } else {
    elman::gemm(ta, tb, M, N, K, A.data(), B.data(), C.data(), bias);
  }
  return C;
}

template <class T>
void check_product(int64_t M, int64_t N, int64_t K) {
  std::mt19937 generator(static_cast<unsigned>(M + 7 * N + 31 * K));
  const auto A = rnn_cases::random_vector<T>(generator, M * K, 1);
  const auto B = rnn_cases::random_vector<T>(generator, K * N, 1);
  const auto bias = rnn_cases::random_vector<T>(generator, N, 1);
  const double tolerance =
      8 * std::numeric_limits<T>::epsilon() * (1 + std::sqrt(double(K))) * 4;
  for (int flags = 0; flags < 8; ++flags) {
    const bool ta = flags & 1, tb = flags & 2;
    const T* b = flags & 4 ? bias.data() : nullptr;
    const auto fast = product(ta, tb, M, N, K, A, B, b, false);
    const auto plain = product(ta, tb, M, N, K, A, B, b, true);
    for (size_t i = 0; i < fast.size(); ++i) {
      CHECK(std::abs(double(fast[i]) - double(plain[i])) <= tolerance);
    }
    elman::set_num_threads(3);
    CHECK(product(ta, tb, M, N, K, A, B, b, false) == fast);
    elman::set_num_threads(1);
  }
}

}  // namespace

TEST("products equal the triple loop, on any number of threads") {
  elman::set_num_threads(1);
  const std::string usual = elman::isa_name();
  for (const std::string& isa : elman::supported_isas()) {
    elman::set_isa(isa);
    for (int64_t M : {1, 2, 5, 6, 7, 13}) {
      for (int64_t N : {1, 3, 8, 9, 16, 17, 33}) {
        for (int64_t K : {0, 1, 7, 300}) {
          check_product<float>(M, N, K);
          check_product<double>(M, N, K);
        }
      }
    }
    check_product<float>(0, 3, 4);
    check_product<float>(131, 300, 257);
    check_product<double>(131, 300, 257);
  }
  elman::set_isa(usual);
}

// Matrix products against the plain triple loop.
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "check.h"
#include "core/gemm.h"
#include "core/isa.h"
#include "core/product_plan.h"
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

// Two views of `steps` lines of `inner` rows, each line behind or before the
// one before it. A multiplier of 1 for every element has them packed. Rows on the
// right are padded where `steps` is even.
template <class T>
std::vector<T> product_of_views(int64_t columns, int64_t N, int64_t inner,
                                int64_t steps, bool backwards, bool packed) {
  std::mt19937 generator(static_cast<unsigned>(columns + 7 * N + 31 * inner));
  const int64_t K = inner * steps, other = columns / 2 + 1;
  const auto x = rnn_cases::random_vector<T>(generator, K * columns, 1);
  const auto h = rnn_cases::random_vector<T>(generator, K * other, 1);
  const int64_t row = steps % 2 == 0 ? (N + 15) / 16 * 16 : N;
  const auto right = rnn_cases::random_vector<T>(generator, K * row, 1);
  const std::vector<T> ones(static_cast<size_t>(inner * (columns + other)), 1);
  std::vector<T> out(static_cast<size_t>((columns + other) * N), T(7));
  elman::Product<T> product;
  product.M = columns + other, product.N = N, product.K = K;
  product.right = right.data();
  product.right_stride = product.right_columns = row;
  for (int i = 0; i < 2; ++i) {
    elman::RowView<T>& view = product.views[i];
    view.columns = i == 0 ? columns : other;
    view.data = i == 0 ? x.data() : h.data();
    view.inner = inner;
    // [row][step] and [step][row]
    view.inner_stride = i == 0 ? steps * columns : other;
    view.outer_stride = i == 0 ? columns : inner * other;
    if (i == 0 && backwards) {
      view.data += (steps - 1) * columns;
      view.outer_stride = -columns;
    }
    if (packed) view.scale = ones.data();
    view.scale_stride = view.columns;
    view.out = out.data() + (i == 0 ? 0 : columns * N);
  }
  elman::internal::run_product(product);
  return out;
}

}  // namespace

TEST("a row of a product has the same bits beside other rows") {
  elman::set_num_threads(1);
  std::mt19937 generator(5);
  const std::string usual = elman::isa_name();
  for (const std::string& isa : elman::supported_isas()) {
    elman::set_isa(isa);
    for (int64_t N : {1, 2, 4, 5, 9}) {
      for (int64_t K : {1, 2, 7, 32, 60, 100}) {
        const int64_t M = 70;
        const auto A = rnn_cases::random_vector<float>(generator, M * K, 1);
        const auto B = rnn_cases::random_vector<float>(generator, K * N, 1);
        const auto bias = rnn_cases::random_vector<float>(generator, N, 1);
        const auto all = product(false, false, M, N, K, A, B, bias.data(), false);
        for (int64_t m = 0; m < M; ++m) {
          const std::vector<float> row(A.begin() + m * K, A.begin() + (m + 1) * K);
          const auto one = product(false, false, 1, N, K, row, B, bias.data(), false);
          CHECK(std::equal(one.begin(), one.end(), all.begin() + m * N));
        }
      }
    }
  }
  elman::set_isa(usual);
}

TEST("narrow products take views as they lie to the bits of packed ones") {
  const std::string usual = elman::isa_name();
  const auto check = [](int64_t columns, int64_t N, int64_t inner,
                        int64_t steps) {
    const bool backwards = (columns + N + steps) % 2 == 0;
    const auto multiplied = [&](auto zero, bool packed) {
      return product_of_views<decltype(zero)>(columns, N, inner, steps,
                                              backwards, packed);
    };
    CHECK(multiplied(0.0f, false) == multiplied(0.0f, true));
    CHECK(multiplied(0.0, false) == multiplied(0.0, true));
  };
  for (const std::string& isa : elman::supported_isas()) {
    elman::set_isa(isa);
    for (int64_t columns : {1, 4, 6, 7, 12, 13, 16, 17}) {
      for (int64_t N : {1, 4, 8, 15, 16, 17, 33}) {
        for (int64_t inner : {1, 2, 7, 8, 9, 40, 300}) {
          for (int64_t steps : {1, 8, 33}) check(columns, N, inner, steps);
        }
      }
    }
    for (int64_t N : {32, 64, 65}) {
      for (int64_t columns : {130, 256}) check(columns, N, 40, 8);
    }
    // A block of rows has more columns; the last case is beyond it.
    for (int64_t N : {66, 129, 256, 257}) {
      for (int64_t columns : {9, 64, 159, 170}) check(columns, N, 40, 8);
    }
  }
  elman::set_isa(usual);
}

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
    check_product<float>(131, 600, 257);
    check_product<double>(131, 600, 257);
  }
  elman::set_isa(usual);
}

// Matrix products against loops: transposes, broadcast batches, bias.
#include "kernel_cases.h"

using namespace cases;

namespace {

Shape matrices(const Shape& batch, int64_t rows, int64_t columns, bool turned) {
  Shape shape = batch;
  shape.push_back(turned ? columns : rows);
  shape.push_back(turned ? rows : columns);
  return shape;
}

template <class T>
void check_product(const Shape& batch_a, const Shape& batch_b,
                   const Shape& batch, int64_t M, int64_t N, int64_t K, bool ta,
                   bool tb, bool with_bias) {
  Tensor<T> a = numbers<T>(matrices(batch_a, M, K, ta), 1);
  Tensor<T> b = numbers<T>(matrices(batch_b, K, N, tb), 2);
  Tensor<T> c(matrices(batch, M, N, false)), bias = numbers<T>({N}, 3);
  Attributes attributes;
  attributes.set("transpose_a", ta ? 1.0 : 0.0);
  attributes.set("transpose_b", tb ? 1.0 : 0.0);
  Arrays in = {a.view(), b.view()};
  if (with_bias) in.push_back(bias.view());
  call("matmul", in, {c.view()}, attributes);
  for (int64_t i = 0; i < c.size(); ++i) {
    const auto at = place(batch, i / (M * N));
    const int64_t row = i / N % M, column = i % N;
    const int64_t from_a = element(batch_a, at) * M * K;
    const int64_t from_b = element(batch_b, at) * K * N;
    double sum = with_bias ? double(bias[column]) : 0;
    for (int64_t k = 0; k < K; ++k) {
      sum += double(a[from_a + (ta ? k * M + row : row * K + k)]) *
             double(b[from_b + (tb ? column * K + k : k * N + column)]);
    }
    CHECK_MESSAGE(near(c[i], static_cast<T>(sum), 4.0 * double(K + 1)),
                  batch.text());
  }
}

template <class T>
void check_all() {
  const Shape batches[][3] = {{{}, {}, {}},          {{3}, {}, {3}},
                              {{}, {3}, {3}},        {{3}, {3}, {3}},
                              {{2, 1}, {4}, {2, 4}}, {{0}, {}, {0}},
                              {{2, 3}, {}, {2, 3}},  {{1, 3}, {2, 1}, {2, 3}},
                              {{1}, {1}, {1}},       {{2, 3}, {3}, {2, 3}}};
  const int64_t sizes[][3] = {{1, 1, 1}, {7, 5, 3}, {8, 9, 17},
                              {0, 3, 2}, {3, 0, 2}, {3, 2, 0}};
  for (const auto& b : batches) {
    for (const auto& s : sizes) {
      for (int flags = 0; flags < 8; ++flags) {
        check_product<T>(b[0], b[1], b[2], s[0], s[1], s[2], flags & 1,
                         flags & 2, flags & 4);
      }
    }
  }
}

}  // namespace

TEST("products agree with loops for any transposes and batches") {
  check_all<float>();
  check_all<double>();
  check_all<int32_t>();
}

TEST("many small products and a large one agree with loops") {
  check_product<float>({70}, {70}, {70}, 9, 8, 7, false, false, false);
  check_product<float>({2}, {2}, {2}, 65, 70, 66, false, true, true);
}

TEST("inner sizes that differ are refused") {
  Tensor<float> a({2, 3}), b({4, 5}), c({2, 5});
  CHECK_THROWS(call("matmul", {a.view(), b.view()}, {c.view()}),
               std::invalid_argument);
}

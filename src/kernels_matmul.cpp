// Matrix products of batches: c = op(a) op(b) (+ bias), batch axes broadcast.
#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "core/broadcast.h"
#include "core/gemm.h"
#include "core/thread_pool.h"

namespace elman {
namespace {

// Multiplications and additions beyond which gemm() uses threads itself.
constexpr int64_t kLargeProduct = 1 << 18;

Shape batch_axes(const Shape& shape) {
  require(shape.rank() >= 2, "a matrix has two axes");
  return Shape(shape.begin(), shape.end() - 2);
}

// The sizes of one product, [M, K] by [K, N].
struct Product {
  bool transpose_a, transpose_b;
  int64_t M, N, K;

  Product(const Shape& a, const Shape& b, const Shape& c,
          const Attributes& attributes)
      : transpose_a(attributes.flag("transpose_a", false)),
        transpose_b(attributes.flag("transpose_b", false)) {
    require(a.rank() >= 2 && b.rank() >= 2 && c.rank() >= 2,
            "a matrix has two axes");
    M = a[a.rank() - (transpose_a ? 1 : 2)];
    K = a[a.rank() - (transpose_a ? 2 : 1)];
    N = b[b.rank() - (transpose_b ? 2 : 1)];
    require(b[b.rank() - (transpose_b ? 1 : 2)] == K,
            "the inner sizes of a product must agree");
    require(c[c.rank() - 2] == M && c[c.rank() - 1] == N,
            "the product has another size");
  }
};

template <class T>
void multiply_one(const Product& p, const T* a, const T* b, T* c,
                  const T* bias) {
  if constexpr (std::is_floating_point<T>::value) {
    gemm<T>(p.transpose_a, p.transpose_b, p.M, p.N, p.K, a, b, c, bias);
  } else {
    reference::gemm<T>(p.transpose_a, p.transpose_b, p.M, p.N, p.K, a, b, c,
                       bias);
  }
}

template <class T>
void multiply_batch(const Arrays& in, const Arrays& out, Product p) {
  const T* bias = in.size() == 3 ? in[2].as<T>() : nullptr;
  const T* from_a = in[0].as<T>();
  const T* from_b = in[1].as<T>();
  T* to = out[0].as<T>();
  if (in[0].shape.rank() == 2 && in[1].shape.rank() == 2 &&
      out[0].shape.rank() == 2) {
    return multiply_one(p, from_a, from_b, to, bias);
  }
  const Shape a = batch_axes(in[0].shape), b = batch_axes(in[1].shape);
  const Shape c = batch_axes(out[0].shape);
  const Shape* shapes[2] = {&a, &b};
  const auto plan = plan_broadcast<2>(shapes, c);
  if (b.size() == 1 && !p.transpose_a && a.size() == c.size()) {
    p.M *= c.size();  // one matrix b: the batch is more rows of a
    return multiply_one(p, from_a, from_b, to, bias);
  }
  // A large product shares its own work out; of small ones, each thread takes
  // some.
  const int64_t work = std::max<int64_t>(1, p.M * p.N * p.K);
  const int64_t grain =
      work > kLargeProduct ? c.size() : std::max<int64_t>(1, kGrain / work);
  parallel_for(c.size(), grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t rest = i, at_a = 0, at_b = 0;
      for (int axis = plan.rank - 1; axis >= 0; --axis) {
        const int64_t place = rest % plan.extents[axis];
        rest /= plan.extents[axis];
        at_a += place * plan.strides[0][axis];
        at_b += place * plan.strides[1][axis];
      }
      multiply_one(p, from_a + at_a * p.M * p.K, from_b + at_b * p.K * p.N,
                   to + i * p.M * p.N, bias);
    }
  });
}

// in: a, b and, if there, a bias for every row of the product. Integers wrap
// around.
void matmul(const Arrays& in, const Arrays& out, const Attributes& attributes) {
  require((in.size() == 2 || in.size() == 3) && out.size() == 1,
          "wrong number of inputs");
  for (const Array& x : in) require_dtype(x, out[0].dtype);
  const Product p(in[0].shape, in[1].shape, out[0].shape, attributes);
  require(in.size() == 2 || in[2].size() == p.N,
          "a bias has one number per column");
  if (out[0].size() == 0) return;
  if (out[0].dtype == DType::kInt32) {
    return multiply_batch<uint32_t>(in, out, p);
  }
  visit_floating(out[0].dtype, [&](auto type) {
    multiply_batch<decltype(type)>(in, out, p);
  });
}

}  // namespace

void register_matmul(Registry& registry) { registry.add({{"matmul", matmul}}); }

}  // namespace elman

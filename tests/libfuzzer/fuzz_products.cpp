// Matrix products of any sizes, alone and in batches that broadcast: the numbers
// of three loops, and the same bits for any number of threads.
#include "core/gemm.h"
#include "core/registry.h"
#include "drawing.h"

using namespace drawing;

namespace {

using elman::Attributes;

// One in eight is large enough for blocks and threads.
int64_t draw_extent(Bytes* bytes) {
  const int64_t size = draw_size(bytes);
  return bytes->below(8) == 7 ? 5 * size + bytes->below(60) : size;
}

// Where the three loops have a number; sums of K products differ in the order.
template <class T>
void hold_near(const T* got, const T* want, const T* a, const T* b, int64_t n,
               int64_t K, Numbers how) {
  if (how != kUniform && how != kSmallWhole) return;
  (void)a, (void)b;
  const double tolerance =
      8 * (static_cast<double>(K) + 1) * std::numeric_limits<T>::epsilon();
  for (int64_t i = 0; i < n; ++i) {
    hold(std::isfinite(double(got[i])), "a product of numbers is a number");
    hold(agrees(got[i], want[i], tolerance, 4), "the product of three loops");
  }
}

template <class T>
void run_one(Bytes* bytes, DType dtype) {
  const bool ta = bytes->flag(), tb = bytes->flag(), with_bias = bytes->flag();
  int64_t M = draw_extent(bytes), N = draw_extent(bytes);
  int64_t K = draw_extent(bytes);
  while (M * N * K > 400000) M = M / 2, N = N / 2 + 1;
  const Numbers how = static_cast<Numbers>(bytes->below(3));
  Owned a(dtype, {M, K}), b(dtype, {K, N}), bias(dtype, {N});
  a.draw(bytes, how), b.draw(bytes, how), bias.draw(bytes, how);
  Owned c(dtype, {M, N}), again(dtype, {M, N}), want(dtype, {M, N});
  c.fill_bytes(0x5c), again.fill_bytes(0xa3), want.fill_bytes(0);
  const T* add = with_bias ? bias.as<T>() : nullptr;
  elman::gemm<T>(ta, tb, M, N, K, a.as<T>(), b.as<T>(), c.as<T>(), add);
  elman::set_num_threads(1 + elman::num_threads() % 3);
  elman::gemm<T>(ta, tb, M, N, K, a.as<T>(), b.as<T>(), again.as<T>(), add);
  hold(c.same_bits(again), "any number of threads gives the same bits");
  elman::reference::gemm<T>(ta, tb, M, N, K, a.as<T>(), b.as<T>(), want.as<T>(),
                            add);
  hold_near(c.as<T>(), want.as<T>(), a.as<T>(), b.as<T>(), M * N, K, how);
}

// Batch axes, of which some are repeated for one operand.
void draw_batch(Bytes* bytes, Shape* a, Shape* b, Shape* c) {
  for (int64_t rank = bytes->below(4); rank > 0; --rank) {
    const int64_t size = draw_size(bytes) % 5;
    const int64_t which = bytes->below(8);
    a->push_back(which == 0 ? 1 : size);
    b->push_back(which == 1 ? 1 : size);
    c->push_back(which == 7 ? size + 1 : size);
  }
}

template <class T>
void run_batch(Bytes* bytes, DType dtype) {
  Shape a, b, c;
  draw_batch(bytes, &a, &b, &c);
  const bool ta = bytes->flag(), tb = bytes->flag(), with_bias = bytes->flag();
  const int64_t M = draw_size(bytes), N = draw_size(bytes);
  const int64_t K = draw_size(bytes);
  const auto add = [](Shape* s, int64_t rows, int64_t columns) {
    s->push_back(rows), s->push_back(columns);
  };
  add(&a, ta ? K : M, ta ? M : K), add(&b, tb ? N : K, tb ? K : N);
  add(&c, M, N);
  const int64_t large = 30000;
  if (a.size() > large || b.size() > large || c.size() > large) return;
  Owned x(dtype, a), y(dtype, b), z(dtype, c), bias(dtype, {N});
  const Numbers how = static_cast<Numbers>(bytes->below(3));
  x.draw(bytes, how), y.draw(bytes, how), bias.draw(bytes, how);
  Attributes attributes;
  attributes.set("transpose_a", ta), attributes.set("transpose_b", tb);
  elman::Arrays in = {x.view(), y.view()};
  if (with_bias) in.push_back(bias.view());
  try {
    (*elman::find_kernel("matmul"))(in, {z.view()}, attributes);
  } catch (const std::invalid_argument&) {
    return;
  }
  if (z.size() == 0) return;
  // Each matrix of the batch alone.
  const int lead = c.rank() - 2;
  for (int64_t i = 0; i < c.size(0, lead); ++i) {
    int64_t rest = i, at[2] = {0, 0}, step[2] = {1, 1};
    for (int axis = lead - 1; axis >= 0; --axis) {
      const int64_t place = rest % c[axis];
      rest /= c[axis];
      const Shape* shapes[] = {&a, &b};
      for (int k = 0; k < 2; ++k) {
        const int64_t extent = (*shapes[k])[axis];
        hold(extent == c[axis] || extent == 1, "a batch broadcasts or is refused");
        if (extent > 1) at[k] += place * step[k];
        step[k] *= extent;
      }
    }
    std::vector<T> want(static_cast<size_t>(M * N));
    elman::reference::gemm<T>(ta, tb, M, N, K, x.as<T>() + at[0] * M * K,
                              y.as<T>() + at[1] * K * N, want.data(),
                              with_bias ? bias.as<T>() : nullptr);
    hold_near(z.as<T>() + i * M * N, want.data(), x.as<T>(), y.as<T>(), M * N,
              K, how);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  draw_machine(&bytes);
  const bool in_double = bytes.flag(), batch = bytes.flag();
  if (batch) {
    in_double ? run_batch<double>(&bytes, DType::kFloat64)
              : run_batch<float>(&bytes, DType::kFloat32);
  } else {
    in_double ? run_one<double>(&bytes, DType::kFloat64)
              : run_one<float>(&bytes, DType::kFloat32);
  }
  return 0;
}

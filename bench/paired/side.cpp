// One build of the core as a library (see side.h).
#include "side.h"

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/convert.h"
#include "core/gemm.h"
#include "core/rnn.h"
#include "core/thread_pool.h"

namespace {

using Call = std::function<void()>;
using Floats = std::vector<float>;

// Numbers that are neither equal nor ordered, about `scale` in size.
Floats numbers(int64_t n, float scale) {
  Floats out(static_cast<size_t>(n));
  uint32_t state = 12345;
  for (float& value : out) {
    state = state * 1664525u + 1013904223u;
    value = scale * (static_cast<float>(state >> 8) / (1 << 23) - 1.0f);
  }
  return out;
}

struct Layer {
  elman::Rnn<float> rnn;
  elman::RnnGradient<float> gradient;
  Floats x, W, R, b, y, saved, dy, dx, dW, dR, db;

  Layer(elman::Cell cell, const long long* n, bool backward) {
    const int64_t B = n[0], T = n[1], F = n[2], U = n[3];
    const elman::CellShape shape = elman::shape_of(cell);
    const int64_t GU = shape.gates * U;
    const float spread = 1.0f / static_cast<float>(F + U);
    rnn.cell = cell;
    rnn.B = B, rnn.T_ = T, rnn.F = F, rnn.U = U;
    x = numbers(B * T * F, 1), W = numbers(F * GU, 8 * spread);
    R = numbers(U * GU, 8 * spread), b = numbers(shape.bias_rows * GU, .1f);
    rnn.x = x.data(), rnn.W = W.data(), rnn.R = R.data(), rnn.b = b.data();
    if (!backward) {
      y.resize(static_cast<size_t>(B * U));
      rnn.y = y.data();
      return;
    }
    rnn.return_sequences = true;  // its outputs are in what is saved
    saved.resize(static_cast<size_t>(elman::rnn_saved_size(rnn)));
    rnn.saved = saved.data();
    dy = numbers(B * T * U, .01f);
    dx.resize(x.size()), dW.resize(W.size()), dR.resize(R.size());
    db.resize(b.size());
    gradient.dy = dy.data(), gradient.dx = dx.data(), gradient.dW = dW.data();
    gradient.dR = dR.data(), gradient.db = db.data();
  }

  void run() {
    elman::rnn_forward(rnn);
    if (gradient.dy) elman::rnn_backward(rnn, gradient);
  }
};

// Steps of a batch that keeps its state from one call to the next.
struct Stream {
  Layer layer;
  Floats h[2], c;

  Stream(elman::Cell cell, const long long* n) : layer(cell, n, false) {
    const auto size = static_cast<size_t>(n[0] * n[3]);
    h[0].resize(size), c.resize(size);
    layer.rnn.y = nullptr;
    for (int k = 0; k < elman::shape_of(cell).states; ++k) {
      Floats& state = k == 0 ? h[0] : c;
      layer.rnn.first[k] = layer.rnn.last[k] = state.data();
    }
  }

  void run() { elman::rnn_forward(layer.rnn); }
};

template <class T>
Call running(std::shared_ptr<T> what) {
  return [what] { what->run(); };
}

Call product(bool ta, bool tb, const long long* n) {
  auto a = std::make_shared<Floats>(numbers(n[0] * n[2], 1));
  auto b = std::make_shared<Floats>(numbers(n[1] * n[2], 1));
  auto c = std::make_shared<Floats>(static_cast<size_t>(n[0] * n[1]));
  const int64_t M = n[0], N = n[1], K = n[2];
  return [=] {
    elman::gemm<float>(ta, tb, M, N, K, a->data(), b->data(), c->data(),
                       nullptr);
  };
}

Call conversion(bool in, const long long* n) {
  const std::vector<int64_t> dims(n, n + 3);
  const auto size = static_cast<size_t>(n[0] * n[1] * n[2]);
  auto doubles = std::make_shared<std::vector<double>>(size, 1.5);
  auto floats = std::make_shared<Floats>(size, 1.5f);
  if (in) {
    return [=] {
      elman::from_column_major(doubles->data(), floats->data(), dims.data(), 3);
    };
  }
  return [=] {
    elman::to_column_major(floats->data(), doubles->data(), dims.data(), 3);
  };
}

Call call_of(const std::string& operation, const char* cell_name,
             const long long* sizes) {
  if (operation == "gemm_nn") return product(false, false, sizes);
  if (operation == "gemm_tn") return product(true, false, sizes);
  if (operation == "gemm_nt") return product(false, true, sizes);
  if (operation == "convert_in") return conversion(true, sizes);
  if (operation == "convert_out") return conversion(false, sizes);
  elman::Cell cell;
  if (!elman::parse_cell(cell_name, &cell)) return nullptr;
  if (operation == "stream") {
    return running(std::make_shared<Stream>(cell, sizes));
  }
  const bool backward = operation == "backward";
  return running(std::make_shared<Layer>(cell, sizes, backward));
}

}  // namespace

#define ELMAN_SIDE __attribute__((visibility("default")))

extern "C" {

ELMAN_SIDE void* elman_side_open(const char* operation, const char* cell,
                                 const long long* sizes) {
  Call call = call_of(operation, cell, sizes);
  return call ? new Call(std::move(call)) : nullptr;
}

ELMAN_SIDE void elman_side_run(void* call) { (*static_cast<Call*>(call))(); }

ELMAN_SIDE void elman_side_close(void* call) {
  delete static_cast<Call*>(call);
}

ELMAN_SIDE void elman_side_threads(int n) { elman::set_num_threads(n); }
}

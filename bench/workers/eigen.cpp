// The simple recurrent layer as one writes it with Eigen: X W in one product,
// then a product, the bias and tanh per step. The batch is shared among
// OpenMP's threads in the time loop; the large products use Eigen's own.
#include <omp.h>

#include <Eigen/Dense>

#include "worker.h"

namespace {

using bench::Floats;
using bench::Inputs;
using Matrix =
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<Matrix>;
using ConstView = Eigen::Map<const Matrix>;

// Time-major: step t of an [T, B, n] array is a contiguous [B, n] matrix.
class EigenRnn {
 public:
  explicit EigenRnn(const Inputs& in)
      : in_(in),
        worth_threads_(1.0 * in.B * in.T * in.U * (in.F + in.U) > 1e6),
        x_(bench::swap_axes(in.x, in.B, in.T, in.F)),
        dy_(bench::swap_axes(in.dy, in.B, in.T, in.U)),
        h_(x_.size() / in.F * in.U),
        dz_(h_.size()),
        dx_(x_.size()),
        dW_(in.F, in.U),
        dR_(in.U, in.U),
        db_(in.U) {}

  void forward() {
    const ConstView W(in_.W.data(), in_.F, in_.U);
    all(h_, in_.U).noalias() = all(x_, in_.F) * W;
#pragma omp parallel if (worth_threads_)
    {
      const auto [first, rows] = slice();
      if (rows > 0) forward_slice(first, rows);
    }
  }

  void backward() {
    forward();
#pragma omp parallel if (worth_threads_)
    {
      const auto [first, rows] = slice();
      if (rows > 0) backward_slice(first, rows);
    }
    const ConstView W(in_.W.data(), in_.F, in_.U);
    const View dz = all(dz_, in_.U);
    const Eigen::Index later = dz.rows() - in_.B;
    all(dx_, in_.F).noalias() = dz * W.transpose();
    dW_.noalias() = all(x_, in_.F).transpose() * dz;
    dR_.noalias() =
        all(h_, in_.U).topRows(later).transpose() * dz.bottomRows(later);
    db_ = dz.colwise().sum();
  }

  std::vector<Floats> last() {
    return {{h_.end() - static_cast<size_t>(in_.B) * in_.U, h_.end()}};
  }

  std::vector<Floats> gradients() {
    return {bench::swap_axes(dx_, in_.T, in_.B, in_.F),
            {dW_.data(), dW_.data() + dW_.size()},
            {dR_.data(), dR_.data() + dR_.size()},
            {db_.data(), db_.data() + db_.size()}};
  }

 private:
  static View all(Floats& values, int n) {
    return {values.data(), static_cast<Eigen::Index>(values.size()) / n, n};
  }

  View step(Floats& values, int t, int first, int rows, int n) const {
    return {&values[(static_cast<size_t>(t) * in_.B + first) * n], rows, n};
  }

  std::pair<int, int> slice() const {
    const int threads = omp_get_num_threads(), i = omp_get_thread_num();
    const int first = in_.B * i / threads;
    return {first, in_.B * (i + 1) / threads - first};
  }

  void forward_slice(int first, int rows) {
    const ConstView R(in_.R.data(), in_.U, in_.U);
    const Eigen::Map<const Eigen::RowVectorXf> b(in_.b.data(), in_.U);
    for (int t = 0; t < in_.T; ++t) {
      View h = step(h_, t, first, rows, in_.U);
      if (t > 0) h.noalias() += step(h_, t - 1, first, rows, in_.U) * R;
      h = (h.rowwise() + b).array().tanh();
    }
  }

  void backward_slice(int first, int rows) {
    const ConstView R(in_.R.data(), in_.U, in_.U);
    for (int t = in_.T - 1; t >= 0; --t) {
      View dz = step(dz_, t, first, rows, in_.U);
      const View h = step(h_, t, first, rows, in_.U);
      dz = step(dy_, t, first, rows, in_.U);
      if (t + 1 < in_.T) {
        dz.noalias() += step(dz_, t + 1, first, rows, in_.U) * R.transpose();
      }
      dz.array() *= 1.0f - h.array().square();
    }
  }

  Inputs in_;
  bool worth_threads_;
  Floats x_, dy_, h_, dz_, dx_;
  Matrix dW_, dR_;
  Eigen::RowVectorXf db_;
};

std::vector<bench::Method> open(const Inputs& in) {
  auto rnn = std::make_shared<EigenRnn>(in);
  return {{"forward.products", [rnn] { rnn->forward(); },
           [rnn] { return rnn->last(); }},
          {"backward.products", [rnn] { rnn->backward(); },
           [rnn] { return rnn->gradients(); }}};
}

[[maybe_unused]] std::function<void()> gemm(int n) {
  auto a = std::make_shared<Matrix>(Matrix::Random(n, n));
  auto b = std::make_shared<Matrix>(Matrix::Random(n, n));
  auto c = std::make_shared<Matrix>(n, n);
  return [=] { c->noalias() = *a * *b; };
}

std::string versions() {
  std::ostringstream text;
  text << "Eigen " << EIGEN_WORLD_VERSION << '.' << EIGEN_MAJOR_VERSION << '.'
       << EIGEN_MINOR_VERSION << " (" << Eigen::SimdInstructionSetsInUse()
       << ")";
  return text.str();
}

bench::Worker worker() {
#ifdef __AVX2__
  return {"Eigen AVX2", versions(), "simple", open, gemm};
#else
  return {"Eigen", versions(), "simple", open, {}};  // sets no roofline
#endif
}

}  // namespace

int main() { return bench::serve(worker()); }

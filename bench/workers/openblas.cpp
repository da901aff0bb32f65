// OpenBLAS's matrix product: one of the three that set the roofline.
#include "worker.h"

extern "C" {
void cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc);
char* openblas_get_config();
}

namespace {

std::function<void()> gemm(int n) {
  constexpr int kRowMajor = 101, kNoTranspose = 111;
  const size_t size = static_cast<size_t>(n) * n;
  auto a = std::make_shared<bench::Floats>(size, 0.5f);
  auto c = std::make_shared<bench::Floats>(size);
  return [=] {
    cblas_sgemm(kRowMajor, kNoTranspose, kNoTranspose, n, n, n, 1.0f, a->data(),
                n, a->data(), n, 0.0f, c->data(), n);
  };
}

}  // namespace

int main() {
  const auto open = [](const bench::Inputs&) {
    return std::vector<bench::Method>{};
  };
  return bench::serve({"OpenBLAS", openblas_get_config(), "", open, gemm});
}

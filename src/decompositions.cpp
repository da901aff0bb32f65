// Matrix decompositions by Eigen; its only place, as it is slow to compile.
#include "core/decompositions.h"

#include <Eigen/Core>
#include <Eigen/QR>

namespace elman {

void orthonormal_columns(double* a, int64_t rows, int64_t columns) {
  Eigen::Map<Eigen::MatrixXd> matrix(a, rows, columns);
  const Eigen::HouseholderQR<Eigen::MatrixXd> decomposition(matrix);
  Eigen::MatrixXd q = decomposition.householderQ() *
                      Eigen::MatrixXd::Identity(rows, columns);
  for (int64_t k = 0; k < columns; ++k) {
    if (decomposition.matrixQR()(k, k) < 0) q.col(k) = -q.col(k);
  }
  matrix = q;
}

}  // namespace elman

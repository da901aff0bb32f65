// Matrix decompositions, in double, of column-major matrices. Eigen does them,
// so that the numbers do not depend on the BLAS that R was built with.
#ifndef ELMAN_CORE_DECOMPOSITIONS_H_
#define ELMAN_CORE_DECOMPOSITIONS_H_

#include <cstdint>

namespace elman {

// Replaces A [rows, columns], rows >= columns, by the Q of A = QR in which the
// diagonal of R is positive: orthonormal columns, uniformly distributed if the
// elements of A are independent standard normals (Mezzadri 2007).
void orthonormal_columns(double* a, int64_t rows, int64_t columns);

}  // namespace elman

#endif  // ELMAN_CORE_DECOMPOSITIONS_H_

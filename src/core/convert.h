// R's arrays to tensors and back. R holds doubles column-major (the first index
// runs fastest), tensors hold T row-major (the last one does), so a copy
// reverses the order of all axes: for each setting of the middle ones, it
// transposes a matrix of the first axis by the last.
#ifndef ELMAN_CORE_CONVERT_H_
#define ELMAN_CORE_CONVERT_H_

#include <cstdint>

namespace elman {

// Copies a column-major array of shape dims[0..rank) into a row-major one.
template <class T>
void from_column_major(const double* in, T* out, const int64_t* dims, int rank);
void from_column_major(const int32_t* in, int32_t* out, const int64_t* dims,
                       int rank);
// R's integers as floats: the lowest one, which is R's missing value, as NaN.
template <class T>
void from_column_major(const int32_t* in, T* out, const int64_t* dims,
                       int rank);

// The inverse.
template <class T>
void to_column_major(const T* in, double* out, const int64_t* dims, int rank);
void to_column_major(const int32_t* in, int32_t* out, const int64_t* dims,
                     int rank);

}  // namespace elman

#endif  // ELMAN_CORE_CONVERT_H_

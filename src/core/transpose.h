// Region file (see for_each_isa.h): transposing a matrix in the largest blocks that
// the vectors hold.
namespace elman {
namespace ELMAN_ISA {
namespace {

// out[j][i] = in[i][j], element by element.
template <class In, class Out>
ELMAN_ALWAYS_INLINE void transpose_rest(const In* in, int64_t in_stride,
                                        Out* out, int64_t out_stride,
                                        int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      out[j * out_stride + i] = static_cast<Out>(in[i * in_stride + j]);
    }
  }
}

// out[j][i] = in[i][j], as numbers of type Via in between.
template <class Via, class In, class Out>
void transpose(const In* in, int64_t in_stride, Out* out, int64_t out_stride,
               int64_t rows, int64_t columns) {
  constexpr bool kEights = sizeof(Via) == 4 && ELMAN_VECTOR_BYTES >= 32;
  int64_t i = 0;
  while (i + 4 <= rows) {
    const int64_t height = kEights && i + 8 <= rows ? 8 : 4;
    const In* from = in + i * in_stride;
    Out* to = out + i;
    int64_t j = 0;
    if constexpr (kEights) {
      for (; height == 8 && j + 8 <= columns; j += 8) {
        transpose8(from + j, in_stride, to + j * out_stride, out_stride);
      }
    }
    for (; j + 4 <= columns; j += 4) {
      for (int64_t k = 0; k < height; k += 4) {
        transpose4<Via>(from + k * in_stride + j, in_stride,
                        to + j * out_stride + k, out_stride);
      }
    }
    if (j < columns) {
      transpose_rest(from + j, in_stride, to + j * out_stride, out_stride,
                     height, columns - j);
    }
    i += height;
  }
  if (i < rows) {
    transpose_rest(in + i * in_stride, in_stride, out + i, out_stride, rows - i,
                   columns);
  }
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman

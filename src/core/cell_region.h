// Region file (see for_each_isa.h): all that kernels_cells.cpp compiles for each
// instruction set.
#include "core/simd.h"
#include "core/vector_math.h"
#include "core/cell_parts.h"
#include "core/cell_simple.h"
#include "core/cell_lstm.h"
#include "core/cell_gru.h"

namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
CellCalls<T> calls_of(Cell cell) {
  switch (cell) {
    case Cell::kLstm:
      return {LstmCell<T>::forward, LstmCell<T>::backward};
    case Cell::kGru:
      return {GruCell<T, true>::forward, GruCell<T, true>::backward};
    case Cell::kGruResetBefore:
      return {GruCell<T, false>::forward, GruCell<T, false>::backward};
    default:
      return {SimpleCell<T>::forward, SimpleCell<T>::backward};
  }
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman

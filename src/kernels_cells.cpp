// The steps of the recurrent cells (core/cell.h), compiled for each instruction
// set.
#include "core/cell.h"

#define ELMAN_REGION "core/cell_region.h"
#include "core/for_each_isa.h"

namespace elman {
namespace internal {

template <class T>
CellCalls<T> cell_calls(Cell cell, Isa isa) {
  return ELMAN_SELECT_FOR(isa, calls_of<T>)(cell);
}

template CellCalls<float> cell_calls(Cell, Isa);
template CellCalls<double> cell_calls(Cell, Isa);

}  // namespace internal
}  // namespace elman

// Which products the step of a cell takes (see rnn_plan.h). Gates that see the
// same x and h are taken as one; a gate with dropout masks of its own is taken
// alone, and so is the last gate of the GRU, which sees another h.
#ifndef ELMAN_CORE_RNN_PRODUCTS_H_
#define ELMAN_CORE_RNN_PRODUCTS_H_

#include "core/rnn_plan.h"

namespace elman {
namespace internal {

inline bool is_gru(Cell cell) {
  return cell == Cell::kGru || cell == Cell::kGruResetBefore;
}

// In place: a copy would wait for what was just written.
template <class T>
void set_gates(const Rnn<T>& rnn, int64_t gate, int64_t count,
               GateProduct<T>* product) {
  product->block = product->gate = gate;
  product->blocks = count;
  const int64_t mask = rnn.drop_by_gate ? gate : 0;
  if (rnn.x_drop) product->x_drop = rnn.x_drop + mask * rnn.B * rnn.F;
  if (rnn.h_drop) product->h_drop = rnn.h_drop + mask * rnn.B * rnn.U;
}

template <class T>
void add_gates(const Rnn<T>& rnn, int64_t count, bool one_by_one,
               GateProducts<T>* products) {
  if (!one_by_one) return set_gates(rnn, 0, count, products->add());
  for (int64_t g = 0; g < count; ++g) set_gates(rnn, g, 1, products->add());
}

// x and h into the gates.
template <class T>
GateProducts<T> forward_products(const Rnn<T>& rnn) {
  const bool apart = rnn.drop_by_gate && (rnn.x_drop || rnn.h_drop);
  GateProducts<T> products;
  if (!is_gru(rnn.cell)) {
    add_gates(rnn, shape_of(rnn.cell).gates, apart, &products);
    return products;
  }
  add_gates(rnn, 2, apart, &products);
  GateProduct<T>* last = products.add();
  set_gates(rnn, 2, 1, last);
  if (rnn.cell == Cell::kGru) {
    last->h = false;
    last = products.add();
    set_gates(rnn, 2, 1, last);
    last->x = false, last->block = 3;
  } else {
    last->stage = 1;
  }
  return products;
}

// dz back to x; `as_to_h`: the GRU's gates in two parts, as they go back to h.
template <class T>
GateProducts<T> products_to_x(const Rnn<T>& rnn, bool as_to_h = false) {
  GateProducts<T> products;
  const int64_t gates = shape_of(rnn.cell).gates;
  const bool apart = rnn.drop_by_gate && rnn.x_drop;
  const bool in_parts = as_to_h && !apart && is_gru(rnn.cell);
  add_gates(rnn, in_parts ? gates - 1 : gates, apart, &products);
  if (in_parts) set_gates(rnn, gates - 1, 1, products.add());
  return products;
}

// dz back to h; the last gate comes last.
template <class T>
GateProducts<T> products_to_h(const Rnn<T>& rnn) {
  const bool apart = rnn.drop_by_gate && rnn.h_drop;
  GateProducts<T> products;
  if (!is_gru(rnn.cell)) {
    add_gates(rnn, shape_of(rnn.cell).gates, apart, &products);
    return products;
  }
  add_gates(rnn, 2, apart, &products);
  GateProduct<T>* last = products.add();
  set_gates(rnn, 2, 1, last);
  if (rnn.cell == Cell::kGru) {
    last->block = 3;
  } else {
    last->stage = 1;
  }
  return products;
}

}  // namespace internal
}  // namespace elman

#endif  // ELMAN_CORE_RNN_PRODUCTS_H_

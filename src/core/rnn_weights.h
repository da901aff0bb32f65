// The gradients of a recurrent layer's weights, as large products over the steps
// of a group of rows (see rnn_plan.h), once their dz is there. Included by
// kernels_rnn.cpp.
#ifndef ELMAN_CORE_RNN_WEIGHTS_H_
#define ELMAN_CORE_RNN_WEIGHTS_H_

#include <algorithm>

#include "core/product_plan.h"
#include "core/rnn_kernels.h"
#include "core/rnn_products.h"
#include "core/workspace.h"

namespace elman {
namespace {

template <class T>
class WeightGradients {
 public:
  WeightGradients(const BackwardPlan<T>& plan, const Kernels<T>& kernels)
      : plan_(plan), rnn_(*plan.rnn), kernels_(kernels) {
    const RnnGradient<T>& gradient = *plan.gradient;
    const int64_t GU = plan.shape.gates * rnn_.U;
    if (gradient.dW) of_W_ = rnn_.F * GU;
    if (gradient.dR) of_R_ = rnn_.U * GU;
    if (gradient.db) of_b_ = plan.shape.bias_rows * GU;
  }

  // Memory for the part of each group. A single group needs none.
  void cut_parts(Workspace* work) {
    if (has_parts()) parts_ = work->cut<T>(plan_.groups.count * part_size());
  }

  // Scratch for take(): [F + U][gradients Up], or null.
  T* cut_padded(Workspace* work) const {
    if (of_W_ + of_R_ == 0 || rnn_.U == plan_.Up) return nullptr;
    return work->cut<T>((rnn_.F + rnn_.U) * plan_.shape.gradients * plan_.Up);
  }

  // Takes the group that begins at a row, from its dz [T][rows][gradients][Up].
  void take(int64_t row, const T* dz, T* padded) const {
    const Place place = plan_.groups.place(row);
    const Group group = {row, place.rows, dz, padded, out_of(row)};
    if (group.out.dW || group.out.dR) kernel_gradients(group);
    if (group.out.db) bias_gradient(group);
  }

  void add_parts_up() const {
    if (!has_parts()) return;
    add_up(0, of_W_, plan_.gradient->dW);
    add_up(of_W_, of_R_, plan_.gradient->dR);
    add_up(of_W_ + of_R_, of_b_, plan_.gradient->db);
  }

 private:
  struct Outputs {
    T *dW, *dR, *db;  // null: not wanted
  };
  struct Group {
    int64_t first, rows;
    const T* dz;
    T* padded;
    Outputs out;
  };

  bool has_parts() const { return plan_.groups.count > 1; }
  int64_t part_size() const { return of_W_ + of_R_ + of_b_; }

  Outputs out_of(int64_t row) const {
    const RnnGradient<T>& gradient = *plan_.gradient;
    if (!has_parts()) return {gradient.dW, gradient.dR, gradient.db};
    T* dW = parts_ + plan_.groups.group_of(row) * part_size();
    T *dR = dW + of_W_, *db = dR + of_R_;
    return {of_W_ ? dW : nullptr, of_R_ ? dR : nullptr, of_b_ ? db : nullptr};
  }

  void add_up(int64_t from, int64_t n, T* out) const {
    const auto sum = ELMAN_SELECT_FOR(kernels_.isa, sum_parts<T>);
    const int64_t count = plan_.groups.count;
    parallel_for(n, (1 << 16) / count, [&](int64_t i, int64_t end) {
      sum(parts_ + from + i, count, part_size(), end - i, out + i);
    });
  }

  void kernel_gradients(const Group& group) const {
    GateProducts<T> to_x, to_h;
    if (of_W_ > 0) to_x = internal::products_to_x(rnn_, of_R_ > 0);
    if (of_R_ > 0) to_h = internal::products_to_h(rnn_);
    bool taken[kMostProducts] = {};
    for (const GateProduct<T>& x : to_x) {
      const GateProduct<T>* beside = nullptr;
      for (int i = 0; i < to_h.count; ++i) {
        const GateProduct<T>& h = to_h.all[i];
        if (h.block != x.block || h.blocks != x.blocks) continue;
        taken[i] = true;
        beside = &h;
      }
      kernel_gradient(group, &x, beside);
    }
    for (int i = 0; i < to_h.count; ++i) {
      if (!taken[i]) kernel_gradient(group, nullptr, &to_h.all[i]);
    }
  }

  // dW and dR of some gates, as one product of [x | h] with their dz over all
  // steps and rows. Either may be absent.
  void kernel_gradient(const Group& group, const GateProduct<T>* to_x,
                       const GateProduct<T>* to_h) const {
    const int64_t U = rnn_.U, Up = plan_.Up;
    const GateProduct<T>& part = to_x ? *to_x : *to_h;
    const bool direct = part.blocks == 1 || U == Up;
    const int64_t row = plan_.shape.gradients * Up, GU = plan_.shape.gates * U;
    Product<T> product;
    product.N = direct ? part.blocks * U : part.blocks * Up;
    product.K = rnn_.T_ * group.rows;
    product.right = group.dz + part.block * Up;
    product.right_stride = row;
    product.right_columns = part.blocks * Up;
    product.out_stride = direct ? GU : product.N;
    RowView<T>&x = product.views[0], &h = product.views[1];
    if (to_x) {
      view_x(group, *to_x, &x);
      x.out = direct ? group.out.dW + part.gate * U : group.padded;
    }
    if (to_h) {
      view_h(group, *to_h, &h);
      h.out = direct ? group.out.dR + part.gate * U
                     : group.padded + x.columns * product.N;
    }
    product.M = x.columns + h.columns;
    internal::run_product(product);
    if (direct) return;
    for (int64_t m = 0; m < product.M; ++m) {
      T* out = m < x.columns ? group.out.dW + m * GU
                             : group.out.dR + (m - x.columns) * GU;
      for (int64_t k = 0; k < part.blocks; ++k) {
        std::copy_n(group.padded + m * product.N + k * Up, U,
                    out + (part.gate + k) * U);
      }
    }
  }

  void view_x(const Group& group, const GateProduct<T>& part,
              RowView<T>* x) const {
    const int64_t F = rnn_.F;
    x->columns = F;
    x->inner = group.rows, x->inner_stride = rnn_.T_ * F;
    x->data = rnn_.x + group.first * x->inner_stride;
    x->outer_stride = rnn_.go_backwards ? -F : F;
    if (rnn_.go_backwards) x->data += (rnn_.T_ - 1) * F;
    if (part.x_drop) x->scale = part.x_drop + group.first * F;
    x->scale_stride = F;
  }

  // In the second stage, what the cell put in the place of h.
  void view_h(const Group& group, const GateProduct<T>& part,
              RowView<T>* h) const {
    const int64_t U = rnn_.U, Up = plan_.Up;
    h->columns = U;
    h->inner = group.rows;
    if (part.stage == 1) {
      h->inner_stride = plan_.shape.kept * Up;
      h->data = plan_.gates + (group.first * rnn_.T_ + 1) * h->inner_stride - Up;
    } else {
      h->inner_stride = Up;
      h->data = plan_.states + group.first * (rnn_.T_ + 1) * Up;
      if (part.h_drop) h->scale = part.h_drop + group.first * U;
      h->scale_stride = U;
    }
    h->outer_stride = group.rows * h->inner_stride;
  }

  void bias_gradient(const Group& group) const {
    const auto sums = ELMAN_SELECT_FOR(kernels_.isa, column_sums<T>);
    const CellShape& shape = plan_.shape;
    const int64_t U = rnn_.U, G = shape.gates, row = shape.gradients * plan_.Up;
    const int64_t K = rnn_.T_ * group.rows, lot = 4 * kernels_.width;
    const int64_t lots = (U + lot - 1) / lot;
    const int64_t blocks = shape.bias_rows == 1 ? G : G + 1;
    const int64_t grain = (1 << 18) / (K * lot) + 1;
    T* db = group.out.db;
    parallel_for(blocks * lots, grain, [&](int64_t i, int64_t end) {
      for (; i < end; ++i) {
        const int64_t block = i / lots, first = i % lots * lot;
        // The last block is the last gate again, in the second row.
        T* out = db + (block < G ? block : 2 * G - 1) * U;
        sums(group.dz + block * plan_.Up, row, K, first,
             std::min(first + lot, U), out);
      }
    });
    if (blocks > G) std::copy_n(db, (G - 1) * U, db + G * U);
  }

  const BackwardPlan<T>& plan_;
  const Rnn<T>& rnn_;
  const Kernels<T>& kernels_;
  int64_t of_W_ = 0, of_R_ = 0, of_b_ = 0;  // elements of a part
  T* parts_ = nullptr;                      // [group][part_size()]
};

}  // namespace
}  // namespace elman

#endif  // ELMAN_CORE_RNN_WEIGHTS_H_

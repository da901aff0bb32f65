// Region file (see for_each_isa.h): the time loops of the recurrent layer for
// few units, with one row of the batch in each lane of the vectors.
//
// A block is kPanel rows of the batch, those beyond the last being padding. What
// is [rows, n] elsewhere is [n][kPanel] here, so that products have W and R on
// their left side and the block on their right, which is a panel as it lies:
//
//   gates [U gates][lanes] = [W; R]^T [x; h]
//
// The cells are those of rows, told that units are the rows and that lanes are
// the units. Each element of the output sums in the order in which it sums in
// rows, to the same bits.
namespace elman {
namespace ELMAN_ISA {
namespace {

// What both directions know of a block.
template <class T>
class LanesBlock {
 protected:
  static constexpr int64_t P = kPanel<T>;

  LanesBlock(const LanesPlan<T>& plan, int64_t block)
      : plan_(plan),
        rnn_(*plan.rnn),
        block_(block),
        begin_(block * P),
        n_(begin_ + P < rnn_.B ? P : rnn_.B - begin_),
        depth_(rnn_.F + rnn_.U),
        slots_(rnn_.saved ? rnn_.T_ + 1 : 2) {}

  int64_t U() const { return rnn_.U; }
  int64_t time(int64_t s) const {
    return rnn_.go_backwards ? rnn_.T_ - 1 - s : s;
  }

  // Cuts this block's share of what is saved, and of what is in its place.
  void cut_saved(T* memory) {
    const CellShape& shape = plan_.shape;
    states_ = memory;
    gates_ = states_ + shape.states * slots_ * U() * P;
    inputs_ = gates_ + (rnn_.saved ? rnn_.T_ : 1) * shape.kept * U() * P;
  }
  T* saved() const { return rnn_.saved + block_ * plan_.saved_size; }

  T* state(int k, int64_t slot) const {
    return states_ + (k * slots_ + slot % slots_) * U() * P;
  }
  T* gates(int64_t s) const {
    if (plan_.shape.kept == 0) return state(0, s + 1);
    return gates_ + (rnn_.saved ? s : 0) * plan_.shape.kept * U() * P;
  }
  T* inputs(int64_t s) const {
    if (!plan_.saves_inputs) return nullptr;
    return inputs_ + s * plan_.shape.gates * U() * P;
  }

  // Rows of the block from an array whose rows lie `stride` apart, or zeros.
  void load_lanes(const T* rows, int64_t stride, int64_t count, T* lanes) const {
    if (!rows) return clear_row(lanes, count * P);
    pack_transposed(rows + begin_ * stride, stride, count, n_, lanes, count, 0);
  }
  void store_lanes(const T* lanes, int64_t count, T* rows,
                   int64_t stride) const {
    transpose<T>(lanes, P, rows + begin_ * stride, stride, count, n_);
  }

  // [x; h] of step s.
  void load_step(int64_t s, T* panel) const {
    const int64_t F = rnn_.F;
    if (F > 0) load_lanes(rnn_.x + time(s) * F, rnn_.T_ * F, F, panel);
    copy_row(state(0, s), panel + F * P, U() * P);
  }

  const LanesPlan<T>& plan_;
  const Rnn<T>& rnn_;
  const int64_t block_, begin_, n_, depth_, slots_;
  T *states_ = nullptr, *gates_ = nullptr, *inputs_ = nullptr;
};

template <class T>
class ForwardLanes : LanesBlock<T> {
  typedef LanesBlock<T> Base;
  using Base::P, Base::plan_, Base::rnn_, Base::U, Base::state, Base::gates;

 public:
  ForwardLanes(const LanesPlan<T>& plan, int64_t block, T* scratch)
      : Base(plan, block), panel_(scratch) {
    scratch_ = panel_ + this->depth_ * P;
    this->cut_saved(rnn_.saved ? this->saved() : scratch_ + P);
  }

  // Elements of scratch for a block.
  static int64_t scratch_size(const LanesPlan<T>& plan) {
    const Rnn<T>& rnn = *plan.rnn;
    const int64_t states = 2 * plan.shape.states + plan.shape.kept;
    return (rnn.F + rnn.U + 1 + (rnn.saved ? 0 : states * rnn.U)) * P;
  }

  void run() {
    for (int k = 0; k < plan_.shape.states; ++k) {
      this->load_lanes(rnn_.first[k], U(), U(), state(k, 0));
    }
    for (int64_t s = 0; s < rnn_.T_; ++s) {
      this->load_step(s, panel_);
      for (const GateProduct<T>& product : plan_.products) {
        multiply_step(s, product);
      }
      call_cell(s);
      if (rnn_.y && rnn_.return_sequences) {
        this->store_lanes(state(0, s + 1), U(), rnn_.y + s * U(),
                          rnn_.T_ * U());
      }
    }
    if (rnn_.y && !rnn_.return_sequences) {
      this->store_lanes(state(0, rnn_.T_), U(), rnn_.y, U());
    }
    for (int k = 0; k < plan_.shape.states; ++k) {
      if (!rnn_.last[k]) continue;
      this->store_lanes(state(k, rnn_.T_), U(), rnn_.last[k], U());
    }
  }

 private:
  // Gate by gate, since the gates of a unit lie beside each other.
  void multiply_step(int64_t s, const GateProduct<T>& product) {
    const int64_t blocks = plan_.shape.blocks(), from_x = product.x ? rnn_.F : 0;
    const int64_t depth = from_x + (product.h ? U() : 0);
    TileTask<T> task = {};
    task.panel = panel_ + (product.x ? 0 : rnn_.F) * P;
    task.out_stride = task.start_stride = blocks * P;
    for (int64_t j = 0; j < product.blocks; ++j) {
      // Both operands lie as one, which is summed alike if it is short.
      const int64_t first = depth <= kChain ? depth : from_x;
      task.first = {product.panels + j * U() * depth, depth, first};
      task.second = {task.first.data + first, depth, depth - first};
      task.out = gates(s) + (product.block + j) * P;
      task.start = plan_.bias + (product.block + j) * P;
      multiply(U(), P, task);
    }
  }

  void call_cell(int64_t s) {
    StepForward<T> step = {};
    step.rows = U(), step.U = step.Up = P;
    step.activation = rnn_.activation;
    step.recurrent_activation = rnn_.recurrent_activation;
    step.calls = &plan_.activations;
    step.keep = rnn_.saved != nullptr;
    step.gates = gates(s);
    step.inputs = this->inputs(s);
    for (int k = 0; k < plan_.shape.states; ++k) {
      step.before[k] = state(k, s);
      step.after[k] = state(k, s + 1);
    }
    step.scratch = scratch_;
    plan_.cell.forward(0, step);
  }

  T* panel_;    // [F + U][P]
  T* scratch_;  // [P]
};

template <class T>
class BackwardLanes : LanesBlock<T> {
  typedef LanesBlock<T> Base;
  using Base::P, Base::plan_, Base::rnn_, Base::U, Base::state, Base::n_;

 public:
  BackwardLanes(const LanesPlan<T>& plan, int64_t block, T* scratch)
      : Base(plan, block),
        gradient_(*plan.gradient),
        rows_of_dz_(plan.shape.gradients * rnn_.U) {
    this->cut_saved(this->saved());
    panels_ = scratch;
    dz_ = panels_ + kTimeChunk * this->depth_ * P;
    dstates_ = dz_ + kTimeChunk * rows_of_dz_ * P;
    dx_ = dstates_ + plan.shape.states * 2 * U() * P;
    scratch_ = dx_ + (rnn_.F > U() ? rnn_.F : U()) * P;
  }

  static int64_t scratch_size(const LanesPlan<T>& plan) {
    const int64_t F = plan.rnn->F, U = plan.rnn->U;
    const int64_t step = F + U + plan.shape.gradients * U;
    return (kTimeChunk * step + plan.shape.states * 2 * U + (F > U ? F : U) +
            4) * P;
  }

  void run() {
    for (int k = 0; k < plan_.shape.states; ++k) {
      this->load_lanes(gradient_.dlast[k], U(), U(), dstate(k, rnn_.T_ - 1));
    }
    for (int64_t s = rnn_.T_ - 1; s >= 0; --s) {
      add_output_gradient(s);
      step_gradient(s);
      if (gradient_.dx && rnn_.F > 0) input_gradient(s);
      if (s % kTimeChunk == 0) add_weight_gradients(s);
    }
    for (int k = 0; k < plan_.shape.states; ++k) {
      if (!gradient_.dfirst[k]) continue;
      this->store_lanes(dstate(k, -1), U(), gradient_.dfirst[k], U());
    }
  }

 private:
  T* dstate(int k, int64_t s) const {
    return dstates_ + (2 * k + (s + 2) % 2) * U() * P;
  }
  T* panel(int64_t s) const {
    return panels_ + s % kTimeChunk * this->depth_ * P;
  }
  T* dz(int64_t s) const { return dz_ + s % kTimeChunk * rows_of_dz_ * P; }

  void add_output_gradient(int64_t s) {
    const bool here = rnn_.return_sequences || s == rnn_.T_ - 1;
    if (!gradient_.dy || !here) return;
    const int64_t steps = rnn_.return_sequences ? rnn_.T_ : 1;
    this->load_lanes(gradient_.dy + (steps > 1 ? s * U() : 0), steps * U(),
                     U(), dx_);
    add_row(dx_, dstate(0, s), U() * P);
  }

  // dz of step s, and the gradients of the states before it.
  void step_gradient(int64_t s) {
    const CellShape& shape = plan_.shape;
    StepBackward<T> step = {};
    step.rows = U(), step.U = step.Up = P;
    step.activation = rnn_.activation;
    step.recurrent_activation = rnn_.recurrent_activation;
    step.calls = &plan_.activations;
    step.gates = this->gates(s);
    step.inputs = this->inputs(s);
    for (int k = 0; k < shape.states; ++k) {
      step.before[k] = state(k, s);
      step.after[k] = state(k, s + 1);
      step.d_after[k] = dstate(k, s);
      step.d_before[k] = dstate(k, s - 1);
    }
    step.dz = dz(s);
    step.scratch = scratch_;
    plan_.cell.backward(0, step);
    this->load_step(s, panel(s));
    if (n_ < P) {
      // What runs away in the padding is kept out of the sums over lanes.
      clear_padding(dz(s), rows_of_dz_);
      clear_padding(panel(s), this->depth_);
    }
    if (s == 0 && !gradient_.dfirst[0]) return;
    TileTask<T> task = {};
    task.first = {plan_.to_h, rows_of_dz_, rows_of_dz_};
    task.panel = dz(s);
    task.out = dstate(0, s - 1);
    task.out_stride = P;
    if (rnn_.cell == Cell::kGru) {
      task.start = task.out;  // where the cell has been already
      task.start_stride = P;
    }
    multiply(U(), P, task);
  }

  void clear_padding(T* lanes, int64_t rows) const {
    for (int64_t i = 0; i < rows; ++i) clear_row(lanes + i * P + n_, P - n_);
  }

  void input_gradient(int64_t s) {
    const int64_t F = rnn_.F;
    TileTask<T> task = {};
    task.first = {plan_.to_x, rows_of_dz_, rows_of_dz_};
    task.panel = dz(s);
    task.out = dx_;
    task.out_stride = P;
    multiply(F, P, task);
    this->store_lanes(dx_, F, gradient_.dx + this->time(s) * F, rnn_.T_ * F);
  }

  // Of the steps from s to the end of its chunk.
  void add_weight_gradients(int64_t s) {
    if (!plan_.sums) return;
    const int64_t left = rnn_.T_ - s, depth = this->depth_;
    const int64_t steps = left < kTimeChunk ? left : kTimeChunk;
    T* sums = plan_.sums + this->block_ * (depth + 1) * rows_of_dz_;
    add_all_lane_products(panels_, depth, dz_, rows_of_dz_, depth * P,
                          rows_of_dz_ * P, steps, sums);
    // A row of ones gives db.
    T ones[P];
    for (T& one : ones) one = 1;
    add_all_lane_products(ones, 1, dz_, rows_of_dz_, 0, rows_of_dz_ * P, steps,
                          sums + depth * rows_of_dz_);
  }

  const RnnGradient<T>& gradient_;
  const int64_t rows_of_dz_;
  T* panels_;   // [kTimeChunk][F + U][P]
  T* dz_;       // [kTimeChunk][U gradients][P]
  T* dstates_;  // [state][2][U][P], used in turn
  T* dx_;       // [max(F, U)][P]
  T* scratch_;  // [4 P]
};

template <class T>
int64_t forward_scratch(const LanesPlan<T>& plan) {
  return ForwardLanes<T>::scratch_size(plan);
}

template <class T>
int64_t backward_scratch(const LanesPlan<T>& plan) {
  return BackwardLanes<T>::scratch_size(plan);
}

template <class T>
void forward_lanes(const LanesPlan<T>& plan, int64_t block, T* scratch) {
  ForwardLanes<T>(plan, block, scratch).run();
}

template <class T>
void backward_lanes(const LanesPlan<T>& plan, int64_t block, T* scratch) {
  BackwardLanes<T>(plan, block, scratch).run();
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman

// Region file (see for_each_isa.h): the backward time loop of the recurrent
// layer.
//
//   dh_t     = dy_t + (dz_{t+1} R^T) h_drop + what the cell adds
//   dz_t     = what the cell makes of the gradients of its states
//   dx_t     = (dz_t W^T) x_drop
//
// It leaves dz of all steps, from which dW, dR and db follow as large products.
// A masked step has dz = 0, hands its gradients on and its dy to the step whose
// output it repeats.
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
class BackwardBlock {
 public:
  BackwardBlock(const BackwardPlan<T>& plan, const BackwardScratch<T>& own,
                int64_t begin, int64_t end)
      : plan_(plan),
        own_(own),
        rnn_(*plan.rnn),
        gradient_(*plan.gradient),
        begin_(begin),
        rows_(end - begin),
        place_(plan.groups.place(begin)),
        row_of_dz_(plan.shape.gradients * plan.Up) {}

  void run() {
    load_last_gradients();
    // With one or two rows, dx is better taken over the steps of a row.
    const bool along_time = rows_ < 3;
    for (int64_t s = rnn_.T_ - 1; s >= 0; --s) {
      add_output_gradient(s);
      step_gradient(s);
      if (!along_time) {
        for_inputs(dz(s), row_of_dz_, rows_, begin_, time(s),
                   rnn_.T_ * rnn_.F);
      }
    }
    for (int64_t i = 0; along_time && i < rows_; ++i) input_gradients(i);
    for (int k = 0; k < plan_.shape.states; ++k) {
      if (!gradient_.dfirst[k]) continue;
      for (int64_t i = 0; i < rows_; ++i) {
        copy_row(dstate(k, -1) + i * plan_.Up,
                 gradient_.dfirst[k] + (begin_ + i) * U(), U());
      }
    }
  }

 private:
  int64_t U() const { return rnn_.U; }
  int64_t time(int64_t s) const {
    return rnn_.go_backwards ? rnn_.T_ - 1 - s : s;
  }
  bool used(int64_t i, int64_t s) const {
    return !rnn_.mask || rnn_.mask[(begin_ + i) * rnn_.T_ + time(s)] != 0;
  }
  T* dz(int64_t s) const {
    if (!plan_.dz) return own_.dz + (s * place_.rows + place_.row) * row_of_dz_;
    return plan_.dz + place_.at(s, rnn_.T_) * row_of_dz_;
  }
  // The state before step s.
  const T* state(int k, int64_t s) const {
    const int64_t steps = rnn_.T_ + 1;
    return plan_.states + (k * steps * rnn_.B + place_.at(s, steps)) * plan_.Up;
  }
  // The gradient of a state after step s; s = -1 is that of the first state.
  T* dstate(int k, int64_t s) const {
    return own_.dstates + (2 * k + (s + 2) % 2) * rows_ * plan_.Up;
  }
  T* pending(int64_t i) const { return own_.pending + i * plan_.Up; }

  void load_last_gradients() {
    for (int64_t i = 0; i < rows_; ++i) {
      for (int k = 0; k < plan_.shape.states; ++k) {
        T* to = dstate(k, rnn_.T_ - 1) + i * plan_.Up;
        clear_row(to, plan_.Up);
        if (!gradient_.dlast[k]) continue;
        copy_row(gradient_.dlast[k] + (begin_ + i) * U(), to, U());
      }
      if (own_.pending) clear_row(pending(i), U());
    }
  }

  void add_output_gradient(int64_t s) {
    const bool here = rnn_.return_sequences || s == rnn_.T_ - 1;
    if (!gradient_.dy || (!here && !own_.pending)) return;
    const int64_t steps = rnn_.return_sequences ? rnn_.T_ : 1;
    const int64_t step = rnn_.return_sequences ? s : 0;
    for (int64_t i = 0; i < rows_; ++i) {
      const T* dy = gradient_.dy + ((begin_ + i) * steps + step) * U();
      T* to = dstate(0, s) + i * plan_.Up;
      if (!used(i, s)) {
        if (here && own_.pending) add_row(dy, pending(i), U());
        continue;
      }
      if (here) add_row(dy, to, U());
      if (!own_.pending) continue;
      add_row(pending(i), to, U());
      clear_row(pending(i), U());
    }
  }

  // dz of step s, and the gradients of the states before it.
  void step_gradient(int64_t s) {
    const int stages = plan_.shape.stages;
    for (int stage = stages - 1; stage >= 0; --stage) {
      call_cell(s, stage);
      clear_masked_and_padding(s);
      if (stage > 0 || s > 0 || gradient_.dfirst[0]) state_gradient(s, stage);
    }
    for (int64_t i = 0; rnn_.mask && i < rows_; ++i) {
      if (used(i, s)) continue;
      for (int k = 0; k < plan_.shape.states; ++k) {
        copy_row(dstate(k, s) + i * plan_.Up, dstate(k, s - 1) + i * plan_.Up,
                 plan_.Up);
      }
    }
  }

  void call_cell(int64_t s, int stage) {
    const CellShape& shape = plan_.shape;
    const int64_t row = place_.at(s, rnn_.T_);
    StepBackward<T> step = {};
    step.rows = rows_, step.U = U(), step.Up = plan_.Up;
    step.activation = rnn_.activation;
    step.recurrent_activation = rnn_.recurrent_activation;
    step.calls = &plan_.activations;
    if (plan_.gates) step.gates = plan_.gates + row * shape.kept * plan_.Up;
    if (plan_.inputs) step.inputs = plan_.inputs + row * shape.gates * plan_.Up;
    for (int k = 0; k < shape.states; ++k) {
      step.before[k] = state(k, s);
      step.after[k] = state(k, s + 1);
      step.d_after[k] = dstate(k, s);
      step.d_before[k] = dstate(k, s - 1);
    }
    step.dz = dz(s);
    if (shape.stages > 1) step.d_product = own_.product;
    const T* drop = plan_.to_h.all[plan_.to_h.count - 1].h_drop;
    step.h_drop = drop ? drop + begin_ * U() : nullptr;
    step.scratch = own_.scratch;
    plan_.cell.backward(stage, step);
  }

  // Between two blocks of dz the products read the padding.
  void clear_masked_and_padding(int64_t s) {
    const int64_t Up = plan_.Up, blocks = plan_.shape.gradients;
    for (int64_t i = 0; i < rows_; ++i) {
      T* row = dz(s) + i * row_of_dz_;
      if (!used(i, s)) {
        clear_row(row, row_of_dz_);
        continue;
      }
      for (int64_t k = 0; k + 1 < blocks; ++k) {
        clear_row(row + k * Up + U(), Up - U());
      }
    }
  }

  // How many elements of dz a product reads, from its first block on.
  int64_t depth(const GateProduct<T>& part) const {
    return (part.blocks - 1) * plan_.Up + U();
  }

  void state_gradient(int64_t s, int stage) {
    T* to = dstate(0, s - 1);
    // The cells with gates that depend on h alone have been here already.
    bool begun = rnn_.cell == Cell::kGru || rnn_.cell == Cell::kGruResetBefore;
    for (const GateProduct<T>& part : plan_.to_h) {
      if (part.stage != stage) continue;
      const bool direct = !part.h_drop && stage == 0;
      TileTask<T> task = {};
      task.first = {dz(s) + part.block * plan_.Up, row_of_dz_, depth(part)};
      task.panel = part.panels;
      task.panel_stride = depth(part) * kPanel<T>;
      task.out = direct ? to : own_.product;
      task.out_stride = plan_.Up;
      if (direct && begun) {
        task.start = to;
        task.start_stride = plan_.Up;
      }
      multiply(rows_, plan_.Up, task);
      if (stage > 0) return;
      for (int64_t i = 0; !direct && i < rows_; ++i) {
        if (!begun) clear_row(to + i * plan_.Up, plan_.Up);
        drop_row(own_.product + i * plan_.Up, part.h_drop + (begin_ + i) * U(),
                 begun, to + i * plan_.Up, U());
      }
      begun = true;
    }
  }

  // to = from drop, or to += from drop; `from` is lost.
  static void drop_row(T* from, const T* drop, bool add, T* to, int64_t n) {
    if (!add) return multiply_row(from, drop, to, n);
    multiply_row(from, drop, from, n);
    add_row(from, to, n);
  }

  // dx of `rows` rows of dz, the first of them that of a batch row and a time,
  // the next ones `stride` elements on.
  void for_inputs(const T* dz_rows, int64_t dz_stride, int64_t rows,
                  int64_t batch_row, int64_t at, int64_t stride) {
    if (plan_.to_x.count == 0) return;
    const int64_t F = rnn_.F;
    T* dx = gradient_.dx + (batch_row * rnn_.T_ + at) * F;
    bool begun = false;
    for (const GateProduct<T>& part : plan_.to_x) {
      TileTask<T> task = {};
      task.first = {dz_rows + part.block * plan_.Up, dz_stride, depth(part)};
      task.panel = part.panels;
      task.panel_stride = depth(part) * kPanel<T>;
      task.out = own_.dx ? own_.dx : dx;
      task.out_stride = own_.dx ? plan_.Fp : stride;
      multiply(rows, plan_.Fp, task);
      for (int64_t i = 0; own_.dx && i < rows; ++i) {
        T* from = task.out + i * plan_.Fp;
        if (part.x_drop) {
          const int64_t row = stride == rnn_.T_ * F ? batch_row + i : batch_row;
          drop_row(from, part.x_drop + row * F, begun, dx + i * stride, F);
        } else {
          copy_row(from, dx + i * stride, F);
        }
      }
      begun = true;
    }
  }

  // dx of all steps of row i.
  void input_gradients(int64_t i) {
    const int64_t F = rnn_.F;
    for (int64_t s = 0; s < rnn_.T_; s += kTimeChunk) {
      const int64_t left = rnn_.T_ - s;
      const int64_t steps = left < kTimeChunk ? left : kTimeChunk;
      for_inputs(dz(s) + i * row_of_dz_, place_.rows * row_of_dz_, steps,
                 begin_ + i, time(s), rnn_.go_backwards ? -F : F);
    }
  }

  const BackwardPlan<T>& plan_;
  const BackwardScratch<T>& own_;
  const Rnn<T>& rnn_;
  const RnnGradient<T>& gradient_;
  const int64_t begin_, rows_;
  const Place place_;        // in arrays of steps
  const int64_t row_of_dz_;  // elements from one row to the next
};

template <class T>
void backward_rows(const BackwardPlan<T>& plan, const BackwardScratch<T>& own,
                   int64_t begin, int64_t end) {
  run_blocks<BackwardBlock<T>>(plan, own, begin, end);
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman

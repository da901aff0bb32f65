// Region file (see for_each_isa.h): the forward time loop of the recurrent
// layer. Rows of the batch are independent, so a block of rows goes through all
// steps at once and a thread through its blocks, with no barrier anywhere.
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
class ForwardBlock {
 public:
  ForwardBlock(const ForwardPlan<T>& plan, const ForwardScratch<T>& own,
               int64_t begin, int64_t end)
      : plan_(plan),
        own_(own),
        rnn_(*plan.rnn),
        begin_(begin),
        rows_(end - begin),
        place_(plan.groups.place(begin)),
        row_of_gates_(plan.shape.blocks() * plan.Up) {}

  void run() {
    for (int k = 0; k < plan_.shape.states; ++k) load_first_state(k);
    for (int64_t s = 0; s < rnn_.T_; ++s) {
      if (own_.ahead && s % kTimeChunk == 0) multiply_ahead(s);
      for (int stage = 0; stage < plan_.shape.stages; ++stage) {
        multiply_step(s, stage);
        call_cell(s, stage);
      }
      if (rnn_.mask) hold_masked_rows(s);
      if (rnn_.y && rnn_.return_sequences) write_outputs(s, rnn_.T_, s);
    }
    if (rnn_.y && !rnn_.return_sequences) write_outputs(rnn_.T_ - 1, 1, 0);
    for (int k = 0; k < plan_.shape.states; ++k) {
      if (!rnn_.last[k]) continue;
      for (int64_t i = 0; i < rows_; ++i) {
        copy_row(state(k, rnn_.T_) + i * plan_.Up,
                 rnn_.last[k] + (begin_ + i) * U(), U());
      }
    }
  }

 private:
  int64_t U() const { return rnn_.U; }
  // The state before step `s`.
  T* state(int k, int64_t s) const {
    const int64_t Up = plan_.Up, steps = rnn_.T_ + 1;
    if (!plan_.states) return own_.states + (2 * k + s % 2) * rows_ * Up;
    return plan_.states + (k * steps * rnn_.B + place_.at(s, steps)) * Up;
  }
  // The inputs of the gates at step s, and then the gates.
  T* gates(int64_t s) const {
    if (plan_.shape.kept == 0) return state(0, s + 1);
    if (!plan_.gates) return own_.gates;
    return plan_.gates + place_.at(s, rnn_.T_) * row_of_gates_;
  }
  int64_t time(int64_t s) const {
    return rnn_.go_backwards ? rnn_.T_ - 1 - s : s;
  }
  bool used(int64_t row, int64_t s) const {
    return rnn_.mask[row * rnn_.T_ + time(s)] != 0;
  }

  void load_first_state(int k) {
    for (int64_t i = 0; i < rows_; ++i) {
      T* h = state(k, 0) + i * plan_.Up;
      clear_row(h + U(), plan_.Up - U());
      if (rnn_.first[k]) {
        copy_row(rnn_.first[k] + (begin_ + i) * U(), h, U());
      } else {
        clear_row(h, U());
      }
    }
  }

  // x of the block's rows at step s, times the dropout multipliers.
  Operand<T> inputs(int64_t s, const T* drop) const {
    const int64_t F = rnn_.F;
    const T* x = rnn_.x + (begin_ * rnn_.T_ + time(s)) * F;
    if (F == 0) return {nullptr, 0, 0};
    if (!drop) return {x, rnn_.T_ * F, F};
    for (int64_t i = 0; i < rows_; ++i) {
      multiply_row(x + i * rnn_.T_ * F, drop + (begin_ + i) * F,
                   own_.x_dropped + i * F, F);
    }
    return {own_.x_dropped, F, F};
  }

  // h of the step before, times the dropout multipliers; in the second stage,
  // what the cell put in its place.
  Operand<T> recurrent(int64_t s, const GateProduct<T>& product) const {
    if (product.stage == 1) {
      return {gates(s) + row_of_gates_ - plan_.Up, row_of_gates_, U()};
    }
    const T* h = state(0, s);
    if (!product.h_drop) return {h, plan_.Up, U()};
    for (int64_t i = 0; i < rows_; ++i) {
      multiply_row(h + i * plan_.Up, product.h_drop + (begin_ + i) * U(),
                   own_.dropped + i * plan_.Up, U());
    }
    return {own_.dropped, plan_.Up, U()};
  }

  int64_t panel_stride(const GateProduct<T>& product) const {
    return ((product.x ? rnn_.F : 0) + (product.h ? U() : 0)) * kPanel<T>;
  }

  // x W + b for the next steps of each row: with one or two rows the steps
  // make the tile's height. The sums go on where these end, so the bits are
  // those of one sum.
  void multiply_ahead(int64_t s) {
    const int64_t steps = rnn_.T_ - s < kTimeChunk ? rnn_.T_ - s : kTimeChunk;
    const int64_t F = rnn_.F;
    for (const GateProduct<T>& product : plan_.products) {
      if (!product.x) continue;
      for (int64_t i = 0; i < rows_; ++i) {
        const int64_t block = product.block * plan_.Up;
        const T* x = rnn_.x + ((begin_ + i) * rnn_.T_ + time(s)) * F;
        TileTask<T> task = {};
        if (F > 0) task.first = {x, rnn_.go_backwards ? -F : F, F};
        task.panel = product.panels;
        task.panel_stride = panel_stride(product);
        task.start = plan_.bias + block;
        task.out = own_.ahead + i * kTimeChunk * row_of_gates_ + block;
        task.out_stride = row_of_gates_;
        multiply(steps, product.blocks * plan_.Up, task);
      }
    }
  }

  void multiply_step(int64_t s, int stage) {
    for (const GateProduct<T>& product : plan_.products) {
      if (product.stage != stage) continue;
      const int64_t block = product.block * plan_.Up;
      const bool ahead = own_.ahead && product.x;
      if (ahead && !product.h) {
        copy_ahead(s, product);
        continue;
      }
      TileTask<T> task = {};
      task.panel = product.panels;
      task.panel_stride = panel_stride(product);
      task.out = gates(s) + block;
      task.out_stride = row_of_gates_;
      if (ahead) {
        task.first = recurrent(s, product);
        task.panel += rnn_.F * kPanel<T>;
        task.start = ahead_of(s, product);
        task.start_stride = kTimeChunk * row_of_gates_;
      } else {
        task.first = product.x ? inputs(s, product.x_drop)
                               : recurrent(s, product);
        if (product.x && product.h) task.second = recurrent(s, product);
        task.start = plan_.bias + block;
      }
      multiply(rows_, product.blocks * plan_.Up, task);
    }
  }

  // x W + b of step s.
  const T* ahead_of(int64_t s, const GateProduct<T>& product) const {
    return own_.ahead + s % kTimeChunk * row_of_gates_ +
           product.block * plan_.Up;
  }
  void copy_ahead(int64_t s, const GateProduct<T>& product) {
    const T* from = ahead_of(s, product);
    T* to = gates(s) + product.block * plan_.Up;
    for (int64_t i = 0; i < rows_; ++i) {
      copy_row(from + i * kTimeChunk * row_of_gates_, to + i * row_of_gates_,
               product.blocks * plan_.Up);
    }
  }

  void call_cell(int64_t s, int stage) {
    StepForward<T> step;
    step.rows = rows_, step.U = U(), step.Up = plan_.Up;
    step.activation = rnn_.activation;
    step.recurrent_activation = rnn_.recurrent_activation;
    step.calls = &plan_.activations;
    step.keep = rnn_.saved != nullptr;
    step.gates = gates(s);
    step.inputs = nullptr;
    if (plan_.inputs) {
      step.inputs =
          plan_.inputs + place_.at(s, rnn_.T_) * plan_.shape.gates * plan_.Up;
    }
    for (int k = 0; k < plan_.shape.states; ++k) {
      step.before[k] = state(k, s);
      step.after[k] = state(k, s + 1);
    }
    const T* drop = plan_.products.all[plan_.products.count - 1].h_drop;
    step.h_drop = drop ? drop + begin_ * U() : nullptr;
    step.scratch = own_.scratch;
    plan_.cell.forward(stage, step);
  }

  void hold_masked_rows(int64_t s) {
    for (int64_t i = 0; i < rows_; ++i) {
      if (used(begin_ + i, s)) continue;
      for (int k = 0; k < plan_.shape.states; ++k) {
        copy_row(state(k, s) + i * plan_.Up, state(k, s + 1) + i * plan_.Up,
                 plan_.Up);
      }
    }
  }

  // The outputs of step s to y [B, steps, U]. A masked step repeats the last
  // output, which is the state if there was a used step before, zeros if not.
  void write_outputs(int64_t s, int64_t steps, int64_t step) {
    const T* h = state(0, s + 1);
    for (int64_t i = 0; i < rows_; ++i) {
      const int64_t row = begin_ + i;
      T* y = rnn_.y + (row * steps + step) * U();
      const bool zero =
          rnn_.mask && !used(row, s) &&
          (rnn_.zero_output_for_mask || s < plan_.first_used[row]);
      if (zero) {
        clear_row(y, U());
      } else {
        copy_row(h + i * plan_.Up, y, U());
      }
    }
  }

  const ForwardPlan<T>& plan_;
  const ForwardScratch<T>& own_;
  const Rnn<T>& rnn_;
  const int64_t begin_, rows_;
  const Place place_;          // in what is saved
  const int64_t row_of_gates_;  // elements from one row to the next
};

// Blocks of rows of nearly the same height, each within a group, in whole tiles
// but for the last.
template <class Block, class Plan, class Scratch>
void run_blocks(const Plan& plan, const Scratch& own, int64_t begin,
                int64_t end) {
  constexpr int64_t R = ELMAN_TILE_ROWS;
  static_assert(kBlockRows % R == 0, "a block is made of whole tiles");
  while (begin < end) {
    const int64_t group_end = plan.groups.end_of(begin);
    const int64_t rows = (group_end < end ? group_end : end) - begin;
    const int64_t blocks = (rows + kBlockRows - 1) / kBlockRows;
    const int64_t share = (rows + blocks - 1) / blocks;
    const int64_t next = blocks == 1 ? rows : (share + R - 1) / R * R;
    Block(plan, own, begin, begin + next).run();
    begin += next;
  }
}

template <class T>
void forward_rows(const ForwardPlan<T>& plan, const ForwardScratch<T>& own,
                  int64_t begin, int64_t end) {
  run_blocks<ForwardBlock<T>>(plan, own, begin, end);
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman

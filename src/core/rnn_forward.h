// Region file (see for_each_isa.h): the forward time loop of the recurrent
// layer. Rows of the batch are independent, so a block of rows goes through all
// steps at once and a thread through its blocks, with no barrier anywhere.
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
class ForwardBlock {
 public:
  ForwardBlock(const ForwardPlan<T>& plan, int64_t begin, int64_t end)
      : plan_(plan), rnn_(*plan.rnn), begin_(begin), rows_(end - begin) {}

  void run() {
    load_initial_state();
    for (int64_t s = 0; s < rnn_.T_; ++s) {
      if (plan_.ahead && s % kTimeChunk == 0) multiply_ahead(s);
      multiply_step(s);
      activate_step(s);
      if (rnn_.mask) hold_masked_rows(s);
      if (rnn_.y && rnn_.return_sequences) write_outputs(s, rnn_.T_, s);
    }
    if (rnn_.y && !rnn_.return_sequences) write_outputs(rnn_.T_ - 1, 1, 0);
    if (!rnn_.h_last) return;
    for (int64_t i = 0; i < rows_; ++i) {
      copy_row(state(rnn_.T_) + i * plan_.Up, rnn_.h_last + (begin_ + i) * U(),
               U());
    }
  }

 private:
  int64_t U() const { return rnn_.U; }
  T* state(int64_t slot) const {
    return plan_.state(slot) + begin_ * plan_.Up;
  }
  int64_t time(int64_t s) const {
    return rnn_.go_backwards ? rnn_.T_ - 1 - s : s;
  }
  bool used(int64_t row, int64_t s) const {
    return rnn_.mask[row * rnn_.T_ + time(s)] != 0;
  }

  void load_initial_state() {
    for (int64_t i = 0; i < rows_; ++i) {
      T* h = state(0) + i * plan_.Up;
      clear_row(h + U(), plan_.Up - U());
      if (rnn_.h0) {
        copy_row(rnn_.h0 + (begin_ + i) * U(), h, U());
      } else {
        clear_row(h, U());
      }
    }
  }

  // x of the block's rows at step s, times the dropout multipliers.
  Operand<T> inputs(int64_t s) const {
    const int64_t F = rnn_.F;
    const T* x = rnn_.x + (begin_ * rnn_.T_ + time(s)) * F;
    if (F == 0) return {nullptr, 0, 0};
    if (!plan_.x_dropped) return {x, rnn_.T_ * F, F};
    T* dropped = plan_.x_dropped + begin_ * F;
    for (int64_t i = 0; i < rows_; ++i) {
      multiply_row(x + i * rnn_.T_ * F, rnn_.x_drop + (begin_ + i) * F,
                   dropped + i * F, F);
    }
    return {dropped, F, F};
  }

  // h of the step before, times the dropout multipliers.
  Operand<T> recurrent(int64_t s) const {
    const T* h = state(s);
    if (!plan_.dropped) return {h, plan_.Up, U()};
    T* dropped = plan_.dropped + begin_ * plan_.Up;
    for (int64_t i = 0; i < rows_; ++i) {
      multiply_row(h + i * plan_.Up, rnn_.h_drop + (begin_ + i) * U(),
                   dropped + i * plan_.Up, U());
    }
    return {dropped, plan_.Up, U()};
  }

  // x W + b for the next steps of each row: with one or two rows the steps
  // make the tile's height. The sums go on where these end, so the bits are
  // those of one sum.
  void multiply_ahead(int64_t s) {
    const int64_t steps = rnn_.T_ - s < kTimeChunk ? rnn_.T_ - s : kTimeChunk;
    const int64_t F = rnn_.F, depth = F + U();
    for (int64_t i = 0; i < rows_; ++i) {
      const int64_t row = begin_ + i;
      const T* x = rnn_.x + (row * rnn_.T_ + time(s)) * F;
      TileTask<T> task = {};
      if (F > 0) task.first = {x, rnn_.go_backwards ? -F : F, F};
      task.panel = plan_.panels;
      task.panel_stride = depth * kPanel<T>;
      task.start = plan_.bias;
      task.out = plan_.ahead + row * kTimeChunk * plan_.Up;
      task.out_stride = plan_.Up;
      multiply(steps, plan_.Up, task);
    }
  }

  void multiply_step(int64_t s) {
    TileTask<T> task;
    task.panel = plan_.panels;
    task.panel_stride = (rnn_.F + U()) * kPanel<T>;
    task.out = state(s + 1);
    task.out_stride = plan_.Up;
    if (plan_.ahead) {
      task.first = recurrent(s);
      task.second = {nullptr, 0, 0};
      task.panel += rnn_.F * kPanel<T>;
      task.start =
          plan_.ahead + (begin_ * kTimeChunk + s % kTimeChunk) * plan_.Up;
      task.start_stride = kTimeChunk * plan_.Up;
    } else {
      task.first = inputs(s);
      task.second = recurrent(s);
      task.start = plan_.bias;
      task.start_stride = 0;
    }
    multiply(rows_, plan_.Up, task);
  }

  void activate_step(int64_t s) {
    T* h = state(s + 1);
    const int64_t n = rows_ * plan_.Up;
    if (plan_.z) copy_row(h, plan_.z + (s * rnn_.B + begin_) * plan_.Up, n);
    if (!is_row_activation(rnn_.activation)) {
      plan_.calls.forward(rnn_.activation, h, h, n);
      return;
    }
    for (int64_t i = 0; i < rows_; ++i) {
      plan_.calls.forward_row(rnn_.activation, h + i * plan_.Up, U(),
                              plan_.row_scratch + (begin_ + i) * plan_.Up);
    }
  }

  void hold_masked_rows(int64_t s) {
    for (int64_t i = 0; i < rows_; ++i) {
      if (used(begin_ + i, s)) continue;
      copy_row(state(s) + i * plan_.Up, state(s + 1) + i * plan_.Up, plan_.Up);
    }
  }

  // The outputs of step s to y [B, steps, U]. A masked step repeats the last
  // output, which is the state if there was a used step before, zeros if not.
  void write_outputs(int64_t s, int64_t steps, int64_t step) {
    const T* h = state(s + 1);
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
  const SimpleRnn<T>& rnn_;
  const int64_t begin_, rows_;
};

template <class T>
void forward_rows(const ForwardPlan<T>& plan, int64_t begin, int64_t end) {
  const int64_t rows = end - begin;
  const int64_t blocks = (rows + plan.block_rows - 1) / plan.block_rows;
  for (int64_t i = 0; i < blocks; ++i) {
    ForwardBlock<T>(plan, begin + rows * i / blocks,
                    begin + rows * (i + 1) / blocks)
        .run();
  }
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman

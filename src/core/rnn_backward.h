// Region file (see for_each_isa.h): the backward time loop of the recurrent
// layer.
//
//   dh_t     = dy_t + (dz_{t+1} R^T) h_drop       dz_t = dh_t f'(z_t)
//   dx_t     = (dz_t W^T) x_drop
//
// It leaves dz of all steps, from which dW, dR and db follow as large products.
// A masked step has dz = 0, hands its dh on and its dy to the step whose output
// it repeats.
namespace elman {
namespace ELMAN_ISA {
namespace {

template <class T>
class BackwardBlock {
 public:
  BackwardBlock(const BackwardPlan<T>& plan, int64_t begin, int64_t end)
      : plan_(plan),
        rnn_(*plan.rnn),
        gradient_(*plan.gradient),
        begin_(begin),
        rows_(end - begin) {}

  void run() {
    load_final_gradient();
    // With one or two rows, dx is better taken over the steps of a row.
    const bool along_time = plan_.W_panels && rows_ < 3;
    for (int64_t s = rnn_.T_ - 1; s >= 0; --s) {
      add_output_gradient(s);
      step_gradient(s);
      if (s > 0 || gradient_.dh0) previous_gradient(s);
      if (plan_.W_panels && !along_time) {
        for_inputs({dz(s), plan_.Up, U()}, rows_, begin_, time(s),
                   rnn_.T_ * rnn_.F);
      }
    }
    if (along_time) {
      for (int64_t i = 0; i < rows_; ++i) input_gradients(i);
    }
    if (!gradient_.dh0) return;
    for (int64_t i = 0; i < rows_; ++i) {
      copy_row(dh(-1) + i * plan_.Up, gradient_.dh0 + (begin_ + i) * U(), U());
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
  T* dz(int64_t s) const { return plan_.dz + (s * rnn_.B + begin_) * plan_.Up; }
  // The gradient of h after step s; s = -1 is that of h0.
  T* dh(int64_t s) const {
    return plan_.dh + (((s + 2) % 2) * rnn_.B + begin_) * plan_.Up;
  }
  T* pending(int64_t i) const {
    return plan_.pending + (begin_ + i) * plan_.Up;
  }

  void load_final_gradient() {
    for (int64_t i = 0; i < rows_; ++i) {
      T* to = dh(rnn_.T_ - 1) + i * plan_.Up;
      clear_row(to, plan_.Up);
      if (gradient_.dh_last) {
        copy_row(gradient_.dh_last + (begin_ + i) * U(), to, U());
      }
      if (plan_.pending) clear_row(pending(i), U());
    }
  }

  void add_output_gradient(int64_t s) {
    const bool here = rnn_.return_sequences || s == rnn_.T_ - 1;
    if (!gradient_.dy || (!here && !plan_.pending)) return;
    const int64_t steps = rnn_.return_sequences ? rnn_.T_ : 1;
    const int64_t step = rnn_.return_sequences ? s : 0;
    for (int64_t i = 0; i < rows_; ++i) {
      const T* dy = gradient_.dy + ((begin_ + i) * steps + step) * U();
      T* to = dh(s) + i * plan_.Up;
      if (!used(i, s)) {
        if (here && plan_.pending) add_row(dy, pending(i), U());
        continue;
      }
      if (here) add_row(dy, to, U());
      if (!plan_.pending) continue;
      add_row(pending(i), to, U());
      clear_row(pending(i), U());
    }
  }

  void step_gradient(int64_t s) {
    const Activation a = rnn_.activation;
    const T* h = plan_.states + ((s + 1) * rnn_.B + begin_) * plan_.Up;
    const T* z = plan_.z ? plan_.z + (s * rnn_.B + begin_) * plan_.Up : nullptr;
    if (!is_row_activation(a)) {
      plan_.calls.gradient(a, dh(s), z, h, dz(s), rows_ * plan_.Up);
    } else {
      for (int64_t i = 0; i < rows_; ++i) {
        const int64_t row = i * plan_.Up;
        plan_.calls.gradient_row(a, dh(s) + row, z ? z + row : nullptr, h + row,
                                 dz(s) + row, U());
        clear_row(dz(s) + row + U(), plan_.Up - U());
      }
    }
    for (int64_t i = 0; rnn_.mask && i < rows_; ++i) {
      if (!used(i, s)) clear_row(dz(s) + i * plan_.Up, plan_.Up);
    }
  }

  void previous_gradient(int64_t s) {
    T* to = dh(s - 1);
    TileTask<T> task = {};
    task.first = {dz(s), plan_.Up, U()};
    task.panel = plan_.R_panels;
    task.panel_stride = U() * kPanel<T>;
    task.out = to;
    task.out_stride = plan_.Up;
    multiply(rows_, plan_.Up, task);
    if (!rnn_.h_drop && !rnn_.mask) return;
    for (int64_t i = 0; i < rows_; ++i) {
      T* row = to + i * plan_.Up;
      if (!used(i, s)) {
        copy_row(dh(s) + i * plan_.Up, row, plan_.Up);
      } else if (rnn_.h_drop) {
        multiply_row(row, rnn_.h_drop + (begin_ + i) * U(), row, U());
      }
    }
  }

  // dx of `rows` rows of dz, the first of them that of a batch row and a time,
  // the next ones `stride` elements on.
  void for_inputs(Operand<T> dz_rows, int64_t rows, int64_t batch_row,
                  int64_t at, int64_t stride) {
    const int64_t F = rnn_.F;
    T* dx = gradient_.dx + (batch_row * rnn_.T_ + at) * F;
    TileTask<T> task = {};
    task.first = dz_rows;
    task.panel = plan_.W_panels;
    task.panel_stride = U() * kPanel<T>;
    task.out = plan_.dx ? plan_.dx + begin_ * plan_.dx_rows * plan_.Fp : dx;
    task.out_stride = plan_.dx ? plan_.Fp : stride;
    multiply(rows, plan_.Fp, task);
    if (!plan_.dx) return;
    for (int64_t i = 0; i < rows; ++i) {
      const T* from = task.out + i * plan_.Fp;
      if (rnn_.x_drop) {
        const int64_t row = stride == rnn_.T_ * F ? batch_row + i : batch_row;
        multiply_row(from, rnn_.x_drop + row * F, dx + i * stride, F);
      } else {
        copy_row(from, dx + i * stride, F);
      }
    }
  }

  // dx of all steps of row i.
  void input_gradients(int64_t i) {
    const int64_t F = rnn_.F;
    for (int64_t s = 0; s < rnn_.T_; s += kTimeChunk) {
      const int64_t left = rnn_.T_ - s;
      const int64_t steps = left < kTimeChunk ? left : kTimeChunk;
      const Operand<T> rows = {dz(s) + i * plan_.Up, rnn_.B * plan_.Up, U()};
      for_inputs(rows, steps, begin_ + i, time(s), rnn_.go_backwards ? -F : F);
    }
  }

  const BackwardPlan<T>& plan_;
  const SimpleRnn<T>& rnn_;
  const SimpleRnnGradient<T>& gradient_;
  const int64_t begin_, rows_;
};

template <class T>
void backward_rows(const BackwardPlan<T>& plan, int64_t begin, int64_t end) {
  const int64_t rows = end - begin;
  const int64_t blocks = (rows + plan.block_rows - 1) / plan.block_rows;
  for (int64_t i = 0; i < blocks; ++i) {
    BackwardBlock<T>(plan, begin + rows * i / blocks,
                     begin + rows * (i + 1) / blocks)
        .run();
  }
}

}  // namespace
}  // namespace ELMAN_ISA
}  // namespace elman

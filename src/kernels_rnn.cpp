// The simple recurrent layer (core/simple_rnn.h).
#include "core/simple_rnn.h"

#include "core/reference_rnn.h"

namespace elman {

template <class T>
void simple_rnn_forward(const SimpleRnn<T>& rnn) {
  reference::simple_rnn_forward(rnn);
}
template <class T>
void simple_rnn_backward(const SimpleRnn<T>& rnn,
                         const SimpleRnnGradient<T>& gradient) {
  reference::simple_rnn_backward(rnn, gradient);
}

template void simple_rnn_forward(const SimpleRnn<float>&);
template void simple_rnn_forward(const SimpleRnn<double>&);
template void simple_rnn_backward(const SimpleRnn<float>&,
                                  const SimpleRnnGradient<float>&);
template void simple_rnn_backward(const SimpleRnn<double>&,
                                  const SimpleRnnGradient<double>&);

}  // namespace elman

#pragma once
#include "sseg/concepts/backend.hpp"
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/norm_relu_pool.hpp"

/// A convolution and the batch norm after it, run together: the map between them is written and read less often. A
/// Chain finds these by the types of two neighbours. A backend without the joint operations runs one after the other;
/// results are the same but for the rounding of the batch's moments.
namespace sseg {

template <class B>
void forward_together(B& backend, const Conv2d& conv, const NormReluPool& norm,
                      const Forward<typename B::Scalar>& to_map, const Forward<typename B::Scalar>& to_y) {
  using T = typename B::Scalar;
  if constexpr (Serves<B, Conv2dMoments<T>> && Serves<B, Conv2dNormReluPool<T>>) {
    const Conv2dForward<T> op = conv.forward_op(to_map);
    if (to_y.mode == Mode::train) {
      norm.forward_after(backend, to_y, [&](T* mean, T* var) { dispatch(backend, Conv2dMoments<T>{op, mean, var}); });
    } else if (to_y.backward_follows) {
      dispatch(backend, op);
      norm.forward(backend, to_y);
    } else {
      norm.fold_running(backend, to_y);
      dispatch(backend, Conv2dNormReluPool<T>{op, norm.forward_op(to_y)});
    }
  } else {
    conv.forward(backend, to_map);
    norm.forward(backend, to_y);
  }
}

template <class B>
void backward_together(B& backend, const Conv2d& conv, const NormReluPool& norm,
                       const Backward<typename B::Scalar>& from_map, const Backward<typename B::Scalar>& from_y) {
  using T = typename B::Scalar;
  if constexpr (Serves<B, NormConv2dBackwardWeights<T>>) {
    if (!from_map.dx) {  // nobody but the weights wants the map's gradient
      NormReluPoolBackward<T> through = norm.backward_op(from_y);
      through.dx = nullptr;
      return dispatch(backend, NormConv2dBackwardWeights<T>{through, conv.backward_weights_op(from_map)});
    }
  }
  norm.backward(backend, from_y);
  conv.backward(backend, from_map);
}

}  // namespace sseg

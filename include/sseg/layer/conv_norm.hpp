#pragma once
#include "sseg/backend/ops.hpp"
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/norm_relu_pool.hpp"

/// A convolution and the batch norm after it, run together: the map between them is written and read less often. A
/// Chain finds these by the types of two neighbours. Where a backend has no joint operation, or will not take it, one
/// runs after the other. In evaluation the results are the same bits; in training the moments, and gradients made of
/// them, are rounded differently.
namespace sseg {

template <class B, class Map>
void forward_together(B& backend, const Conv2d& conv, const NormReluPool& norm,
                      const Forward<typename B::Scalar, Map>& to_map, const Forward<typename B::Scalar, Map>& to_y) {
  using T = typename B::Scalar;
  const Conv2dForward<T, Map> op = conv.forward_op(to_map);
  if (to_y.mode == Mode::train) {
    norm.forward_after(backend, to_y, [&](T* mean, T* var) {
      const Conv2dMoments<T, Map> joint{op, mean, var};
      if (norm.pool > 1 && detail::run_joint(backend, norm.with_pool(joint, to_y))) return true;
      if (detail::run_joint(backend, joint)) return false;
      dispatch(backend, op);
      norm.measure(backend, to_y, mean, var);
      return false;
    });
    return;
  }
  norm.fold_running(backend, to_y);
  if (!to_y.backward_follows && detail::run_joint(backend, Conv2dNormReluPool<T, Map>{op, norm.forward_op(to_y)}))
    return;
  dispatch(backend, op);
  dispatch(backend, norm.forward_op(to_y));
}

template <class B, class Map>
void backward_together(B& backend, const Conv2d& conv, const NormReluPool& norm,
                       const Backward<typename B::Scalar, Map>& from_map,
                       const Backward<typename B::Scalar, Map>& from_y) {
  using T = typename B::Scalar;
  NormReluPoolBackward<T, Map> through = norm.backward_op(from_y);
  through.dx = nullptr;
  const bool only_weights = !from_map.dx;  // nobody else wants the map's gradient
  if (only_weights &&
      detail::run_joint(backend, NormConv2dBackwardWeights<T, Map>{through, conv.backward_weights_op(from_map)}))
    return;
  norm.backward(backend, from_y);
  conv.backward(backend, from_map);
}

}  // namespace sseg

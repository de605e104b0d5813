#pragma once
#include "sseg/backend/cuda/queue_elementwise.hpp"

namespace sseg::cuda {

template <class D>
void queue(D& d, const L2NormalizeForward<float>& a) {
  d.template launch<kernel::l2_normalize_forward>(blocks_of_rows(a.rows), a.eps, a.x, a.y, a.norm, a.rows, a.cols);
}
template <class D>
void queue(D& d, const L2NormalizeBackward<float>& a) {
  d.template launch<kernel::l2_normalize_backward>(blocks_of_rows(a.rows), a.y, a.norm, a.dy, a.dx, a.rows, a.cols);
}
template <class D>
void queue(D& d, const SoftmaxRows<float>& a) {
  const float* const now = d.changing({a.scale});
  d.template launch<kernel::softmax_rows>(blocks_of_rows(a.rows), now, NowOr{now}(a.scale), a.x, a.shift, a.y, a.rows,
                                          a.cols);
}

template <class D>
void queue(D& d, const RowDots<float>& a) {
  d.template launch<kernel::row_dots>(blocks_of_rows(a.rows), a.alpha, a.a, a.b, a.out, a.stride, a.rows, a.cols);
}
template <class D>
void queue(D& d, const ScaleRows<float>& a) {
  d.template launch<kernel::scale_rows>(blocks_of(a.rows * a.cols), a.alpha, a.factor, a.stride, a.x, a.y,
                                        a.accumulate ? 1 : 0, a.rows, a.cols);
}
template <class D>
void queue(D& d, const OneHotRows<float>& a) {
  d.template launch<kernel::one_hot_rows>(blocks_of(a.rows * a.cols), a.first, a.period, a.shift, a.y, a.rows, a.cols);
}

/// Adds up what rows say of a loss. Where the operation has no place for it on the device, it is brought to the host:
/// this waits for the device.
template <class D, class Op>
void leave_loss(D& d, const Op& a, double factor, double* row_loss) {
  double* const total = a.sum != nullptr ? a.sum : row_loss + a.rows;
  d.template launch<kernel::scaled_sum>(1, factor, row_loss, total, a.sum != nullptr ? 1 : 0, a.rows);
  if (a.sum == nullptr) d.download(a.loss, total, sizeof(double));
}

template <class D>
void queue(D& d, const SoftmaxCrossEntropy<float>& a) {
  auto* const row_loss = static_cast<double*>(d.workspace(to_size(a.rows + 1) * sizeof(double)));
  d.template launch<kernel::softmax_cross_entropy>(blocks_of_rows(a.rows), a.scale, a.weight, a.s, a.target, row_loss,
                                                   a.rows, a.cols);
  leave_loss(d, a, static_cast<double>(a.weight), row_loss);
}
/// `target` lies on the device, as all tensors do.
template <class D>
void queue(D& d, const OffDiagonalCrossEntropy<float>& a) {
  auto* const row_loss = static_cast<double*>(d.workspace(to_size(a.rows + 1) * sizeof(double)));
  d.template launch<kernel::off_diagonal_cross_entropy>(blocks_of_rows(a.rows), a.s, a.target, row_loss, a.rows, a.cols,
                                                        a.first);
  leave_loss(d, a, 1 / static_cast<double>(a.cols), row_loss);
}

}  // namespace sseg::cuda

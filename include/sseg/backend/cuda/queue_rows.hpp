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
  d.template launch<kernel::softmax_rows>(blocks_of_rows(a.rows), a.scale, a.x, a.shift, a.y, a.rows, a.cols);
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

/// Adds up what rows say of a loss, and brings it to the host: this waits for the device.
template <class D>
void bring_loss(D& d, double factor, const double* row_loss, double* total, Index rows, double* loss) {
  d.template launch<kernel::scaled_sum>(1, factor, row_loss, total, rows);
  d.download(loss, total, sizeof(double));
}

template <class D>
void queue(D& d, const SoftmaxCrossEntropy<float>& a) {
  auto* const row_loss = static_cast<double*>(d.workspace(to_size(a.rows + 1) * sizeof(double)));
  d.template launch<kernel::softmax_cross_entropy>(blocks_of_rows(a.rows), a.scale, a.weight, a.s, a.target, row_loss,
                                                   a.rows, a.cols);
  bring_loss(d, static_cast<double>(a.weight), row_loss, row_loss + a.rows, a.rows, a.loss);
}
/// `target` lies on the device, as all tensors do.
template <class D>
void queue(D& d, const OffDiagonalCrossEntropy<float>& a) {
  auto* const row_loss = static_cast<double*>(d.workspace(to_size(a.rows + 1) * sizeof(double)));
  d.template launch<kernel::off_diagonal_cross_entropy>(blocks_of_rows(a.rows), a.s, a.target, row_loss, a.rows, a.cols,
                                                        a.first);
  bring_loss(d, 1 / static_cast<double>(a.cols), row_loss, row_loss + a.rows, a.rows, a.loss);
}

}  // namespace sseg::cuda

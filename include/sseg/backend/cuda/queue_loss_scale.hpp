#pragma once
#include "sseg/backend/cuda/queue_updates.hpp"
#include "sseg/backend/loss_scale.hpp"
#include "sseg/backend/loss_scale_ops.hpp"

namespace sseg::cuda {

/// queue(device, operation) of a loss scale whose counts lie on the device, at `scale`: value, good steps in a row,
/// steps skipped.
template <class D>
void queue(D& d, const ScaleLoss<float>& a, const double* scale) {
  const float* const now = d.changing({a.weight});
  d.template launch<kernel::scale_loss>(blocks_of(a.count), now, NowOr{now}(a.weight), scale, a.dz, a.count);
}
template <class D>
void queue(D& d, const UnscaleGradients<float>& a, double* scale, const LossScaleConfig& c) {
  d.template launch<kernel::unscale>(blocks_of(a.count), scale, a.g, a.count);
  Index chunks = 0;
  const double* const partial = sum_partials(d, a.g, a.g, a.count, chunks);
  d.template launch<kernel::loss_scale_step>(1, partial, static_cast<double>(c.least), static_cast<double>(c.most),
                                             static_cast<double>(c.patience), scale, a.overflow, chunks);
}

/// Operations that look at Device::skip themselves, or change nothing that lasts.
template <class Op>
inline constexpr bool skips_by_itself = false;
template <>
inline constexpr bool skips_by_itself<AdamWUpdate<float>> = true;
template <>
inline constexpr bool skips_by_itself<AdamWAverageUpdate<float>> = true;
template <>
inline constexpr bool skips_by_itself<SgdUpdate<float>> = true;
template <>
inline constexpr bool skips_by_itself<EmaUpdate<float>> = true;
template <>
inline constexpr bool skips_by_itself<Copy<float>> = true;
template <>
inline constexpr bool skips_by_itself<ClipNorm<float>> = true;  // gradients of a step that is skipped are lost anyway

}  // namespace sseg::cuda

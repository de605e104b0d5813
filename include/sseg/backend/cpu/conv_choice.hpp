#pragma once
#include "sseg/backend/cpu/conv_shape.hpp"
#include "sseg/backend/cpu/winograd_tiles.hpp"

namespace sseg::cpu {

/// The ways to run a 3×3 convolution: directly, or by Winograd's algorithm with tiles of 2×2 or 4×4 outputs.
enum class ConvWay { direct, winograd2, winograd4 };

/// Multiply-adds, or what takes as long, of transforming one tile: per channel of input and output, and per weight
/// once. Fitted to benchmarks/run/conv.cpp on Zen 4 with AVX-512, one thread.
template <int M>
struct TransformCost;
template <>
struct TransformCost<2> {
  static constexpr Index channel = 140, weight = 60;
};
template <>
struct TransformCost<4> {
  static constexpr Index channel = 600, weight = 120;
};

/// Costs of one image. A function of the map alone and not of the batch, so that a picture's features do not depend on
/// its company; the weights' transform counts as for a batch of `nominal_batch`.
constexpr Index nominal_batch = 8;

constexpr Index direct_cost(const Correlation& s) { return s.out_h * s.out_w * s.kernel * s.kernel * s.in_c * s.out_c; }
template <int M>
constexpr Index tiles_per_image(const Correlation& s) {
  return ceil_div(s.out_h, M) * ceil_div(s.out_w, M);
}
template <int M>
constexpr Index winograd_cost(const Correlation& s) {
  const Index products = s.in_c * s.out_c;
  return tiles_per_image<M>(s) * (Winograd<M>::positions * products + TransformCost<M>::channel * (s.in_c + s.out_c)) +
         TransformCost<M>::weight * products / nominal_batch;
}

/// Whether Winograd's kernels with vectors of `lanes` floats take it.
constexpr bool winograd_takes(const Correlation& s, Index lanes) {
  return s.kernel == 3 && s.stride == 1 && s.dilation == 1 && s.in_c >= lanes && s.out_c >= lanes;
}

/// The cheapest way for a forward or backward-data pass, by a count of operations. Tiles must
/// begin at multiples of `align`.
constexpr ConvWay choose_way(const Correlation& s, Index lanes, bool may_winograd, Index align = 1) {
  if (!may_winograd || !winograd_takes(s, lanes)) return ConvWay::direct;
  const Index direct = direct_cost(s);
  const Index two = 2 % align == 0 ? winograd_cost<2>(s) : direct, four = 4 % align == 0 ? winograd_cost<4>(s) : direct;
  if (direct <= two && direct <= four) return ConvWay::direct;
  return two < four ? ConvWay::winograd2 : ConvWay::winograd4;
}

/// As choose_way, for the weight gradient (4×4 or not at all): its products run at three quarters of the speed.
constexpr ConvWay choose_weights_way(const Correlation& s, Index lanes, bool may_winograd) {
  if (!may_winograd || !winograd_takes(s, lanes)) return ConvWay::direct;
  const Index slower = tiles_per_image<4>(s) * Winograd<4>::positions * s.in_c * s.out_c / 3;
  return direct_cost(s) <= winograd_cost<4>(s) + slower ? ConvWay::direct : ConvWay::winograd4;
}

}  // namespace sseg::cpu

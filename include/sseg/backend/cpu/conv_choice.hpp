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

constexpr Index direct_cost(const Correlation& s) {
  return s.n * s.out_h * s.out_w * s.kernel * s.kernel * s.in_c * s.out_c;
}
template <int M>
constexpr Index winograd_cost(const Correlation& s) {
  const Index products = s.in_c * s.out_c;
  return TileGrid<M>(s).count * (Winograd<M>::positions * products + TransformCost<M>::channel * (s.in_c + s.out_c)) +
         TransformCost<M>::weight * products;
}

/// Whether Winograd's kernels with vectors of `lanes` floats take it.
constexpr bool winograd_takes(const Correlation& s, Index lanes) {
  return s.kernel == 3 && s.stride == 1 && s.dilation == 1 && s.in_c >= lanes && s.out_c >= lanes;
}

/// The cheapest way for a forward or backward-data pass, by count of operations and from the shapes alone. Tiles must
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
  const Index slower = TileGrid<4>(s).count * Winograd<4>::positions * s.in_c * s.out_c / 3;
  return direct_cost(s) <= winograd_cost<4>(s) + slower ? ConvWay::direct : ConvWay::winograd4;
}

}  // namespace sseg::cpu

#pragma once
#include "sseg/backend/cpu/conv_shape.hpp"
#include "sseg/backend/cpu/norm_backward.hpp"

/// Where a convolution's output gradient dy comes from: it lies ready, or it is made band by band from what follows.
namespace sseg::cpu {

struct GivenGradient {
  Correlation s;
  const float* dy;

  /// Floats of scratch for `rows` rows.
  constexpr Index scratch(Index) const { return 0; }
  /// Bands of rows begin at multiples of this.
  constexpr Index align() const { return 1; }
  /// Output rows `rows` of one image.
  template <int Lanes>
  const float* rows(Index image, Range rows, float*) const {
    return dy + (image * s.out_h + rows.begin) * s.out_w * s.out_c;
  }
};

/// The gradient through batch norm, activation and pooling; it is kept nowhere.
struct GradientThroughNorm {
  NormReluPoolBackward<float> norm;  ///< its dx is not used
  NormGradient sums;

  constexpr Index scratch(Index rows) const { return rows * norm.g.w * norm.g.c; }
  constexpr Index align() const { return norm.g.pool; }
  template <int Lanes>
  const float* rows(Index image, Range rows, float* scratch) const {
    norm_dx_rows<Lanes>(norm, sums, image, rows, scratch);
    return scratch;
  }
};

}  // namespace sseg::cpu

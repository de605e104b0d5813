#pragma once
#include <cmath>
#include <cstdint>

#include "sseg/core/shape.hpp"

namespace sseg {

/// x[i] = v[i] / 255, correctly rounded: bytes of a picture as values in [0, 1].
inline void to_unit_values(const std::uint8_t* v, Index count, float* x) {
  for (Index i = 0; i < count; ++i) x[i] = static_cast<float>(v[i]) / 255.f;
}

/// The byte nearest to 255·x, with x held in [0, 1]; not a number gives 0.
inline std::uint8_t to_byte(float x) {
  if (!(x > 0)) return 0;
  if (x >= 1) return 255;
  return static_cast<std::uint8_t>(std::lround(255.f * x));
}

}  // namespace sseg

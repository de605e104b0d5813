#pragma once
#include <array>
#include <cstddef>

namespace sseg {

/// A point of the drawing plane; shapes live in about [-1, 1]².
struct Point {
  float x = 0, y = 0;
};

/// Sixteen points: loops over them vectorise.
struct PointBlock {
  static constexpr std::size_t count = 16;
  using Values = std::array<float, count>;  ///< one for each of them
  Values x, y;
};

}  // namespace sseg

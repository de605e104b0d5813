#pragma once
#include <cmath>
#include <numbers>

#include "sseg/core/shape.hpp"

namespace sseg {

/// Where a pixel of a distorted picture comes from: x = xx·u + xy·v + x0, y = yx·u + yy·v + y0, where (u, v) is the
/// pixel measured from the picture's centre. Pixel centres lie on whole numbers.
struct AffineMap {
  float xx = 1, xy = 0, yx = 0, yy = 1, x0 = 0, y0 = 0, centre_x = 0, centre_y = 0;
  bool operator==(const AffineMap&) const = default;

  /// Shear and scaling of the axes, then a rotation, all about the centre, then a shift:
  ///   (x, y) = R(degrees)·[1 shear; 0 1]·diag(scale_x, scale_y)·(u, v) + centre + (shift_x, shift_y).
  /// It tells where pixels come from: scales above 1 shrink what is seen, a positive shift moves it left and up.
  static AffineMap about_centre(Shape picture, float degrees, float scale_x, float scale_y, float shear, float shift_x,
                                float shift_y) {
    const float angle = degrees * std::numbers::pi_v<float> / 180;
    const float c = std::cos(angle), n = std::sin(angle), k = shear;
    const float cx = (static_cast<float>(picture[1]) - 1) / 2, cy = (static_cast<float>(picture[0]) - 1) / 2;
    return {c * scale_x, (c * k - n) * scale_y, n * scale_x, (n * k + c) * scale_y, cx + shift_x, cy + shift_y, cx, cy};
  }
};

}  // namespace sseg

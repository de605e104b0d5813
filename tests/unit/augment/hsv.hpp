#pragma once
#include <algorithm>
#include <array>
#include <cmath>

namespace sseg_test {

/// A colour (R, G, B) with its hue turned by `turn` of the circle, step by step through HSV: the slow reference.
inline std::array<double, 3> hue_turned(std::array<double, 3> rgb, double turn) {
  const auto [r, g, b] = rgb;
  const double value = std::max({r, g, b}), chroma = value - std::min({r, g, b});
  if (chroma == 0) return rgb;
  const double saturation = chroma / value;
  double hue = value == r ? (g - b) / chroma : value == g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
  hue = hue / 6 + turn;
  hue -= std::floor(hue);
  const int sector = static_cast<int>(hue * 6) % 6;
  const double f = hue * 6 - std::floor(hue * 6);
  const double p = value * (1 - saturation), q = value * (1 - saturation * f), t = value * (1 - saturation * (1 - f));
  switch (sector) {
    case 0:
      return {value, t, p};
    case 1:
      return {q, value, p};
    case 2:
      return {p, value, t};
    case 3:
      return {p, q, value};
    case 4:
      return {t, p, value};
    default:
      return {value, p, q};
  }
}

}  // namespace sseg_test

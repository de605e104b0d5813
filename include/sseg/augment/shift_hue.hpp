#pragma once
#include <algorithm>
#include <cmath>

namespace sseg {

/// Turns the hue of a colour (R, G, B) by `turn` of the circle and keeps the saturation and value of HSV:
/// R' = V - C·(1 - [|h - 3| - 1]),  G' = V - C·(1 - [2 - |h - 2|]),  B' = V - C·(1 - [2 - |h - 4|])  with V = max,
/// C = max - min, h the new hue in sixths of the circle, and [x] = x held in 0 … 1 (Smith 1978, without its branches).
/// Requires: -1 <= turn <= 1. Ensures: values in 0 … V.
inline void shift_hue(float* rgb, float turn) {
  const float r = rgb[0], g = rgb[1], b = rgb[2];
  const float value = std::max(r, std::max(g, b)), chroma = value - std::min(r, std::min(g, b));
  const float scale = 1 / (chroma > 0 ? chroma : 1.f);
  const float sector = value == r ? 0.f : value == g ? 2.f : 4.f;
  const float rise = value == r ? g - b : value == g ? b - r : r - g;
  float h = sector + rise * scale + 6 * turn;  // -7 … 11
  h += h < 0 ? 6.f : 0.f;
  h += h < 0 ? 6.f : 0.f;
  h -= h >= 6 ? 6.f : 0.f;
  const auto lower = [&](float part) { return value - chroma * (1 - std::clamp(part, 0.f, 1.f)); };
  rgb[0] = lower(std::abs(h - 3) - 1);
  rgb[1] = lower(2 - std::abs(h - 2));
  rgb[2] = lower(2 - std::abs(h - 4));
}

}  // namespace sseg

#pragma once
#include <cmath>

namespace sseg {

/// Turns the hue of a colour (R, G, B) by `turn` of the circle and keeps the saturation and value of HSV:
/// R' = V - C·(1 - [|h - 3| - 1]),  G' = V - C·(1 - [2 - |h - 2|]),  B' = V - C·(1 - [2 - |h - 4|])  with V = max,
/// C = max - min, h the new hue in sixths of the circle, and [x] = x held in 0 … 1 (Smith 1978, without its branches).
/// Requires: -1 <= turn <= 1. Ensures: values in 0 … V.
inline void shift_hue(float* rgb, float turn) {
  // Written so that compilers make vectors of a loop over it: no choice is between a constant and a result, which they
  // would turn into a branch, and 1e-30 is lost in any chroma that is seen but keeps gray from dividing by 0.
  const auto larger = [](float a, float b) { return a < b ? b : a; };
  const auto smaller = [](float a, float b) { return b < a ? b : a; };
  const float r = rgb[0], g = rgb[1], b = rgb[2];
  const float value = larger(r, larger(g, b)), chroma = value - smaller(r, smaller(g, b));
  const float scale = 1 / (chroma + 1e-30f);
  const bool red = value == r, green = value == g;
  const float sector = red ? 0.f : (green ? 2.f : 4.f);
  const float more = red ? g : (green ? b : r), less = red ? b : (green ? r : g);
  float h = sector + (more - less) * scale + 6 * turn;  // -7 … 11
  h += h < 0 ? 6.f : 0.f;
  h += h < 0 ? 6.f : 0.f;
  h += h >= 6 ? -6.f : 0.f;
  const float least = value - chroma;
  const auto lower = [&](float part) { return smaller(larger(value - chroma * (1 - part), least), value); };
  rgb[0] = lower(std::abs(h - 3) - 1);
  rgb[1] = lower(2 - std::abs(h - 2));
  rgb[2] = lower(2 - std::abs(h - 4));
}

}  // namespace sseg

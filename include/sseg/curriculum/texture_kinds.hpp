#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "sseg/core/shape.hpp"

/// The kinds of texture, each a class. A texture is a value in [-1, 1] at every point (s, t) of a plane, counted in
/// periods.
namespace sseg::texture_kinds {

/// sin(2π·turns) within 0.0015, for turns between -256 and 256, by two parabolas: written so that loops over it
/// vectorise.
inline float wave(float turns) {
  constexpr float far = 256;  // makes the argument positive, so that a cast rounds it down
  const float shifted = turns + far, f = shifted - static_cast<float>(static_cast<int>(shifted)) - 0.5f;
  const float y = 8 * f - 16 * f * std::abs(f);
  return -y * (0.775f + 0.225f * std::abs(y));
}
/// A triangle wave from -1 to 1 and back in one turn.
inline float zigzag(float turns) {
  constexpr float far = 256;
  const float shifted = turns + far, f = shifted - static_cast<float>(static_cast<int>(shifted));
  return 4 * std::abs(f - 0.5f) - 1;
}
/// The larger, and v·gain held in [-1, 1], without branches: loops over these vectorise.
inline float larger(float a, float b) { return 0.5f * (a + b + std::abs(a - b)); }
inline float steep(float v, float gain) { return 0.5f * (std::abs(v * gain + 1) - std::abs(v * gain - 1)); }

/// Points (s + k·ds, t + k·dt) for k = 0 … count-1.
struct Line {
  float s = 0, t = 0, ds = 0, dt = 0;
};

/// values[k] (+)= weight · f(s, t) along a line.
template <class F>
void along(Line line, float weight, Index count, float* values, F f) {
  const auto end = static_cast<int>(count);  // an int becomes a float in vectors, a 64-bit index does not
  for (int k = 0; k < end; ++k) {
    const auto at = static_cast<float>(k);
    values[k] += weight * f(line.s + at * line.ds, line.t + at * line.dt);
  }
}

struct Kind {
  std::string_view name;
  void (*add)(const Line&, float weight, Index count, float* values);
};

namespace detail {

inline float plasma(float s, float t) {
  return 0.5f * (wave(0.6f * s + 0.45f * wave(0.5f * t)) + wave(0.55f * t + 0.4f * wave(0.45f * s + 0.3f)));
}

}  // namespace detail

/// A kind made of a formula: the loop is compiled for each.
#define SSEG_TEXTURE(name, formula)                                                          \
  Kind {                                                                                     \
    name, [](const Line& line, float weight, Index count, float* values) {                   \
      along(line, weight, count, values, [](float s, float t) -> float { return formula; }); \
    }                                                                                        \
  }

inline constexpr std::array<Kind, 12> all{{
    SSEG_TEXTURE("stripes", wave(s) + 0 * t),
    SSEG_TEXTURE("double_stripes", 0.5f * wave(s) + 0.5f * wave(3 * s) + 0 * t),
    SSEG_TEXTURE("waves", wave(s + 0.35f * wave(0.8f * t))),
    SSEG_TEXTURE("zigzag", steep(wave(s + 0.5f * zigzag(t)), 2)),
    SSEG_TEXTURE("checker", steep(wave(0.5f * s) * wave(0.5f * t), 6)),
    SSEG_TEXTURE("plaid", 0.5f * (wave(s) + wave(t))),
    SSEG_TEXTURE("grid", 4 * larger(larger(wave(s), wave(t)) - 0.5f, 0.f) - 1),
    SSEG_TEXTURE("dots", steep(wave(s) + wave(t) - 0.9f, 2)),
    SSEG_TEXTURE("hexagons",
                 0.5f * (wave(s) + wave(0.8660254f * t - 0.5f * s) + wave(-0.8660254f * t - 0.5f * s)) - 0.25f),
    SSEG_TEXTURE("rings", wave(std::sqrt(s* s + t * t))),
    SSEG_TEXTURE("plasma", detail::plasma(s, t)),
    SSEG_TEXTURE("camouflage", steep(detail::plasma(s, t), 8)),
}};

#undef SSEG_TEXTURE

}  // namespace sseg::texture_kinds

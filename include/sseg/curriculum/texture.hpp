#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>

#include "sseg/curriculum/scene_factors.hpp"
#include "sseg/curriculum/texture_kinds.hpp"

namespace sseg {

/// A texture of a picture of `side` pixels, ready to be read along rows.
class Texture {
 public:
  Texture(const TextureFactors& f, Index side)
      : kind_(f.kind), fine_(f.fine), phase_x_(f.phase_x), phase_y_(f.phase_y) {
    const float angle = f.angle * std::numbers::pi_v<float> / 180;
    const float step = f.frequency / static_cast<float>(side);
    cos_ = step * std::cos(angle), sin_ = step * std::sin(angle);
    middle_ = 0.5f * static_cast<float>(side - 1);
  }

  bool plain() const { return kind_ < 0; }

  /// Where between the two colours, in [0, 1], pixels (y, x) … (y, x + count - 1) lie; 0 for a plain one.
  void read(Index y, Index x, Index count, float* mix) const {
    std::fill_n(mix, count, 0.f);
    if (plain()) return;
    const auto& kind = texture_kinds::all[to_size(kind_)];
    const float v = static_cast<float>(y) - middle_, u = static_cast<float>(x) - middle_;
    const float s = cos_ * u + sin_ * v, t = cos_ * v - sin_ * u;
    kind.add({s + phase_x_, t + phase_y_, cos_, -sin_}, 1 - fine_, count, mix);
    if (fine_ > 0)
      kind.add({octave * s + phase_y_, octave * t + phase_x_, octave * cos_, -octave * sin_}, fine_, count, mix);
    for (Index k = 0; k < count; ++k) mix[k] = 0.5f + 0.5f * texture_kinds::steep(mix[k], 1);
  }

 private:
  static constexpr float octave = 2.3f;  ///< of the finer copy; no whole number, so that it does not lock in

  Index kind_;
  float fine_, phase_x_, phase_y_, cos_ = 1, sin_ = 0, middle_ = 0;
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <array>
#include <span>

#include "sseg/augment/luma.hpp"
#include "sseg/augment/shift_hue.hpp"
#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/error.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// With `probability`, four changes in random order (Howard 2013), each by one draw an image and held in [0, 1]:
///   brightness x ← f·x · contrast x ← m + f·(x - m), m the mean luma · saturation x ← g + f·(x - g), g the pixel's
///   luma · hue turned by a part of the circle in ± hue.
/// f is uniform in 1 ± amount, not below 0. Saturation and hue need R, G, B: they leave other pictures alone.
struct ColorJitter {
  float brightness = 0.4f, contrast = 0.4f, saturation = 0.2f, hue = 0.1f;
  float probability = 0.8f;
  bool operator==(const ColorJitter&) const = default;

  constexpr Shape out_shape(Shape s) const { return s; }

  /// Throws `Error`: an amount below 0, or a hue beyond 0.5.
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    require(brightness >= 0 && contrast >= 0 && saturation >= 0 && hue >= 0 && hue <= 0.5f, "an amount is out of range",
            "ColorJitter", "Give brightness, contrast and saturation >= 0, and hue between 0 and 0.5.");
    std::copy_n(in.data, in.shape.count(), out.data);
    if (!rng.chance(probability)) return;
    std::array<int, 4> order{0, 1, 2, 3};
    rng.shuffle(std::span<int>(order));
    const float light = factor(rng, brightness), spread = factor(rng, contrast), colour = factor(rng, saturation);
    const float turn = rng.uniform(-hue, hue);
    for (const int change : order) {
      if (change == 0) brighten(out, light);
      if (change == 1) spread_round_mean(out, spread);
      if (change == 2 && in.shape[2] == 3) saturate(out, colour);
      if (change == 3 && in.shape[2] == 3) turn_hue(out, turn);
    }
  }

  /// The four changes in place, of a picture (H, W, C).
  static void brighten(View<float> x, float f) {
    for (float& v : x.flat()) v = held(f * v);
  }
  static void spread_round_mean(View<float> x, float f) {
    const float mean = mean_luma(x);
    for (float& v : x.flat()) v = held(mean + f * (v - mean));
  }
  /// Requires: C = 3, here and in `turn_hue`.
  static void saturate(View<float> x, float f) {
    float* p = x.data;
    for (Index i = x.shape[0] * x.shape[1]; i > 0; --i, p += 3) {
      const float gray = luma(p, 3), r = p[0], g = p[1], b = p[2];
      p[0] = held(gray + f * (r - gray)), p[1] = held(gray + f * (g - gray)), p[2] = held(gray + f * (b - gray));
    }
  }
  static void turn_hue(View<float> x, float turn) {
    const Index pixels = x.shape[0] * x.shape[1];
    for (Index i = 0; i < pixels; ++i) shift_hue(x.data + 3 * i, turn);
  }

 private:
  static float factor(Rng& rng, float amount) { return rng.uniform(std::max(0.f, 1 - amount), 1 + amount); }
  static float held(float v) { return std::min(std::max(v, 0.f), 1.f); }

  static float mean_luma(View<const float> x) {
    const Index pixels = x.shape[0] * x.shape[1], channels = x.shape[2];
    double sum = 0;
    for (Index i = 0; i < pixels; ++i) sum += static_cast<double>(luma(x.data + i * channels, channels));
    return static_cast<float>(sum / static_cast<double>(pixels));
  }
};

static_assert(Augmentation<ColorJitter>);

}  // namespace sseg

SSEG_FIELDS(sseg::ColorJitter, brightness, contrast, saturation, hue, probability);

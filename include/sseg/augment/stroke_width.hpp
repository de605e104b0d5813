#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// With `probability`, makes the strokes of a drawing (ink near 1 on paper 0) thicker or thinner, by one draw an image
/// in -thinner … thicker pixels on each side of a stroke. Whole pixels are a gray dilation or erosion: the largest or
/// smallest value in a square of 2n + 1 pixels; what is left, f < 1, is a mixture: (1 - f)·n steps + f·(n + 1) steps.
/// A stroke that an erosion is wider than vanishes; give `thinner` below half the stroke. Off, it draws nothing.
struct StrokeWidth {
  static constexpr float most = 16;

  float thinner = 0.5f, thicker = 1.f;
  float probability = 0.5f;
  bool operator==(const StrokeWidth&) const = default;

  constexpr Shape out_shape(Shape s) const { return s; }
  constexpr bool idle() const { return !(probability > 0); }

  /// Throws `Error`: an amount below 0 or beyond `most`.
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    require(thinner >= 0 && thicker >= 0 && thinner <= most && thicker <= most, "an amount is out of range",
            "StrokeWidth", "Give thinner and thicker between 0 and 16 pixels.");
    const bool changes = !idle() && rng.chance(probability);
    widen(in, changes ? rng.uniform(-thinner, thicker) : 0.f, out);
  }

  /// Widens strokes by `pixels` on each side, or thins them when it is below 0. Beyond the border lies nothing.
  /// Requires: `in` and `out` of one shape, which do not overlap; |pixels| <= `most`.
  static void widen(View<const float> in, float pixels, View<float> out) {
    const float amount = std::abs(pixels);
    const auto whole = static_cast<Index>(amount);
    const float part = amount - static_cast<float>(whole);
    static thread_local Buffer<float> lines, further;
    lines.reserve_at_least(in.shape.count());
    further.reserve_at_least(in.shape.count());
    const Room room{lines.data(), further.data()};
    if (pixels < 0)
      mixture(in, whole, part, room, out, [](float a, float b) { return std::min(a, b); });
    else
      mixture(in, whole, part, room, out, [](float a, float b) { return std::max(a, b); });
  }

 private:
  /// For a picture each.
  struct Room {
    float *lines, *further;
  };

  template <class Pick>
  static void mixture(View<const float> in, Index whole, float part, const Room& room, View<float> out, Pick pick) {
    square(in.data, in.shape, whole, room.lines, out.data, pick);
    if (part == 0) return;
    square(out.data, in.shape, 1, room.lines, room.further, pick);
    for (Index i = 0; i < in.shape.count(); ++i) out.data[i] = (1 - part) * out.data[i] + part * room.further[i];
  }

  /// The picked value of a square, its rows and then its columns. `lines` is room for a picture.
  template <class Pick>
  static void square(const float* in, Shape s, Index radius, float* lines, float* out, Pick pick) {
    const Index channels = s[2], row = s[1] * channels, columns = std::min(radius, s[1] - 1);
    for (Index i = 0; i < s[0]; ++i) {
      const float* from = in + i * row;
      float* to = lines + i * row;
      std::copy_n(from, row, to);
      for (Index k = 1; k <= columns; ++k) {
        const Index shift = k * channels;
        for (Index j = 0; j < row - shift; ++j) to[j] = pick(to[j], from[j + shift]);
        for (Index j = shift; j < row; ++j) to[j] = pick(to[j], from[j - shift]);
      }
    }
    for (Index i = 0; i < s[0]; ++i) {
      float* to = out + i * row;
      std::copy_n(lines + i * row, row, to);
      for (Index k = std::max<Index>(i - radius, 0); k <= std::min(i + radius, s[0] - 1); ++k) {
        const float* from = lines + k * row;
        for (Index j = 0; j < row; ++j) to[j] = pick(to[j], from[j]);
      }
    }
  }
};

static_assert(Augmentation<StrokeWidth>);

}  // namespace sseg

SSEG_FIELDS(sseg::StrokeWidth, thinner, thicker, probability);

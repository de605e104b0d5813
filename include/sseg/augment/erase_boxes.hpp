#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/error.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Random erasing (Zhong et al. 2020): `count` times, with `probability` each, one rectangle of the picture gets the
/// value `fill`, or with `noise` values uniform on [0, 1]. Its area is uniform in scale_min … scale_max of the
/// picture's, its height by width log-uniform, its place uniform; one that does not fit is drawn again, ten times at
/// most, and then left out. Off, it draws nothing.
struct EraseBoxes {
  float probability = 0.5f;
  Index count = 1;
  float scale_min = 0.02f, scale_max = 0.33f;  ///< fractions of the area
  float ratio_min = 0.3f, ratio_max = 3.3f;    ///< height by width
  float fill = 0;
  bool noise = false;
  bool operator==(const EraseBoxes&) const = default;

  /// A rectangle of whole pixels; an empty one has no height.
  struct Box {
    Index top = 0, left = 0, height = 0, width = 0;
    bool operator==(const Box&) const = default;
  };

  constexpr Shape out_shape(Shape s) const { return s; }
  constexpr bool idle() const { return !(probability > 0) || count <= 0; }

  /// Throws `Error`: limits out of order.
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    require(count >= 0 && 0 < scale_min && scale_min <= scale_max && scale_max <= 1 && 0 < ratio_min &&
                ratio_min <= ratio_max && fill >= 0 && fill <= 1,
            "count, scale, ratio or fill out of range", "EraseBoxes",
            "Give count >= 0, 0 < scale_min <= scale_max <= 1, 0 < ratio_min <= ratio_max and fill in 0 to 1.");
    std::copy_n(in.data, in.shape.count(), out.data);
    if (idle()) return;
    for (Index k = 0; k < count; ++k)
      if (rng.chance(probability)) erase(rng, box(rng, in.shape), out);
  }

  /// The rectangle drawn for a picture (H, W, C).
  Box box(Rng& rng, Shape picture) const {
    constexpr int attempts = 10;
    const Index h = picture[0], w = picture[1];
    const float least = std::log(ratio_min), most = std::log(ratio_max);
    for (int attempt = 0; attempt < attempts; ++attempt) {
      const float area = rng.uniform(scale_min, scale_max) * static_cast<float>(h) * static_cast<float>(w);
      const float ratio = std::exp(rng.uniform(least, most));
      const float height = std::round(std::sqrt(area * ratio)), width = std::round(std::sqrt(area / ratio));
      if (!(height >= 1 && width >= 1 && height <= static_cast<float>(h) && width <= static_cast<float>(w))) continue;
      Box b{0, 0, static_cast<Index>(height), static_cast<Index>(width)};
      b.top = rng.below(h - b.height + 1);
      b.left = rng.below(w - b.width + 1);
      return b;
    }
    return {};
  }

 private:
  void erase(Rng& rng, const Box& b, View<float> out) const {
    const Index w = out.shape[1], channels = out.shape[2];
    for (Index i = b.top; i < b.top + b.height; ++i) {
      float* to = out.data + (i * w + b.left) * channels;
      if (noise)
        std::generate_n(to, b.width * channels, [&] { return rng.uniform(); });
      else
        std::fill_n(to, b.width * channels, fill);
    }
  }
};

static_assert(Augmentation<EraseBoxes>);

}  // namespace sseg

SSEG_FIELDS(sseg::EraseBoxes, probability, count, scale_min, scale_max, ratio_min, ratio_max, fill, noise);

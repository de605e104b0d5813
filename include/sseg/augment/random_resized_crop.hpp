#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/error.hpp"
#include "sseg/data/resize.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// A random window of the picture brought to side × side (Szegedy et al. 2015): its area is uniform in
/// scale_min … scale_max of the picture's, its width by height log-uniform, its place uniform and not bound to whole
/// pixels. Resampled straight from the picture by a tent: antialiased when it shrinks, bilinear when it grows.
struct RandomResizedCrop {
  Index side = 32;                                   ///< height and width of the result
  float scale_min = 0.14f, scale_max = 1.f;          ///< fractions of the area
  float ratio_min = 3.f / 4.f, ratio_max = 4.f / 3;  ///< width by height
  bool operator==(const RandomResizedCrop&) const = default;

  constexpr Shape out_shape(Shape s) const { return {side, side, s[2]}; }

  /// The window drawn for a picture (H, W, C). What does not fit is drawn again, ten times at most; after that it is
  /// the largest of an allowed ratio, in the middle. Throws `Error`: limits out of order.
  Window window(Rng& rng, Shape picture) const {
    require(side > 0 && 0 < scale_min && scale_min <= scale_max && scale_max <= 1 && 0 < ratio_min &&
                ratio_min <= ratio_max,
            "side, scale or ratio out of range", "RandomResizedCrop",
            "Give side > 0, 0 < scale_min <= scale_max <= 1 and 0 < ratio_min <= ratio_max.");
    constexpr int attempts = 10;
    const auto h = static_cast<double>(picture[0]), w = static_cast<double>(picture[1]);
    const float least = std::log(ratio_min), most = std::log(ratio_max);
    for (int attempt = 0; attempt < attempts; ++attempt) {
      const double area = static_cast<double>(rng.uniform(scale_min, scale_max)) * h * w;
      const double ratio = std::exp(static_cast<double>(rng.uniform(least, most)));
      const double height = std::sqrt(area / ratio), width = std::sqrt(area * ratio);
      if (height > h || width > w) continue;
      const auto down = static_cast<double>(rng.uniform()), right = static_cast<double>(rng.uniform());
      return {down * (h - height), right * (w - width), height, width};
    }
    const double ratio = std::clamp(w / h, static_cast<double>(ratio_min), static_cast<double>(ratio_max));
    const double height = std::min(h, w / ratio), width = std::min(w, h * ratio);
    return {(h - height) / 2, (w - width) / 2, height, width};
  }

  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    resize_crop(in, window(rng, in.shape), out, ResizeFilter::triangle);
  }
};

static_assert(Augmentation<RandomResizedCrop>);

}  // namespace sseg

SSEG_FIELDS(sseg::RandomResizedCrop, side, scale_min, scale_max, ratio_min, ratio_max);

#pragma once
#include "sseg/augment/brightness.hpp"
#include "sseg/augment/color_jitter.hpp"
#include "sseg/augment/erase.hpp"
#include "sseg/augment/flip.hpp"
#include "sseg/augment/gaussian_blur.hpp"
#include "sseg/augment/grayscale.hpp"
#include "sseg/augment/solarize.hpp"
#include "sseg/augment/warp.hpp"
#include "sseg/core/error.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Distortions of photographs. `scale_*`: area of a global crop.
struct PhotoConfig {
  float scale_min = 0.3f, scale_max = 1.f;
  Flip flip;
  ColorJitter jitter;
  Grayscale gray;
  GaussianBlur blur{.sigma_min = 0.1f, .sigma_max = 1.f, .probability = 0};
  Solarize solarize{.threshold = 0.5f, .probability = 0};
  bool operator==(const PhotoConfig&) const = default;
};

/// How pictures are distorted: drawings by `warp`, `brightness` and `erase`, photographs by `photo`.
struct AugmentConfig {
  Warp warp;
  Brightness brightness{.contrast = 0, .brightness = 0};
  Erase erase{.probability = 0};
  PhotoConfig photo;
  bool operator==(const AugmentConfig&) const = default;
};

}  // namespace sseg

SSEG_FIELDS(sseg::PhotoConfig, scale_min, scale_max, flip, jitter, gray, blur, solarize);
SSEG_FIELDS(sseg::AugmentConfig, warp, brightness, erase, photo);

namespace sseg {

/// Throws: Error naming the setting that makes no sense.
inline void check_augment(const AugmentConfig& c) {
  const Warp& w = c.warp;
  require(w.rotate >= 0 && w.scale >= 0 && w.scale < 3 && w.shear >= 0 && w.translate >= 0 && w.elastic >= 0 &&
              c.brightness.contrast >= 0 && c.brightness.brightness >= 0 && c.erase.probability >= 0 &&
              c.erase.side >= 0 && c.erase.side <= 1,
          "the amounts of augmentation make no sense", "augment", "give no negative amounts");
  const PhotoConfig& p = c.photo;
  require(p.scale_min > 0 && p.scale_min <= p.scale_max && p.scale_max <= 1, "the crops make no sense",
          "augment.photo.scale_min", "give 0 < scale_min <= scale_max <= 1");
  const ColorJitter& j = p.jitter;
  require(j.brightness >= 0 && j.contrast >= 0 && j.saturation >= 0 && j.hue >= 0 && j.hue <= 0.5f &&
              p.blur.sigma_min >= 0 && p.blur.sigma_min <= p.blur.sigma_max &&
              p.blur.sigma_max <= GaussianBlur::max_sigma,
          "the amounts of augmentation make no sense", "augment.photo",
          "give no negative amounts, a hue of at most 0.5 and an ordered sigma of at most 32");
}

}  // namespace sseg

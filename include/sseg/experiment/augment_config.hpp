#pragma once
#include <utility>

#include "sseg/augment/brightness.hpp"
#include "sseg/augment/color_jitter.hpp"
#include "sseg/augment/erase.hpp"
#include "sseg/augment/erase_boxes.hpp"
#include "sseg/augment/flip.hpp"
#include "sseg/augment/gaussian_blur.hpp"
#include "sseg/augment/grayscale.hpp"
#include "sseg/augment/random_turn.hpp"
#include "sseg/augment/solarize.hpp"
#include "sseg/augment/stroke_width.hpp"
#include "sseg/augment/warp.hpp"
#include "sseg/core/error.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Distortions of photographs. `scale_*`: area of a global crop. With `warp_probability` the crop is warped in the same
/// resampling; warp, turn and erase are off unless asked for.
struct PhotoConfig {
  float scale_min = 0.3f, scale_max = 1.f;
  Flip flip;
  ColorJitter jitter;
  Grayscale gray;
  GaussianBlur blur{.sigma_min = 0.1f, .sigma_max = 1.f, .probability = 0};
  Solarize solarize{.threshold = 0.5f, .probability = 0};
  Warp warp{.rotate = 0, .scale = 0, .shear = 0, .translate = 0, .elastic = 0};
  float warp_probability = 0;
  RandomTurn turn{.probability = 0};
  EraseBoxes erase{.probability = 0};
  bool operator==(const PhotoConfig&) const = default;
};

/// How pictures are distorted: drawings by `warp`, `brightness`, `erase` and `stroke`, photographs by `photo`. `stroke`
/// counts pixels of the picture that is warped, which is larger than the net's where `data.oversample` says so.
struct AugmentConfig {
  Warp warp;
  Brightness brightness{.contrast = 0, .brightness = 0};
  Erase erase{.probability = 0};
  PhotoConfig photo;
  StrokeWidth stroke{.probability = 0};
  bool operator==(const AugmentConfig&) const = default;
};

}  // namespace sseg

SSEG_FIELDS(sseg::PhotoConfig, scale_min, scale_max, flip, jitter, gray, blur, solarize, warp, warp_probability, turn,
            erase);
SSEG_FIELDS(sseg::AugmentConfig, warp, brightness, erase, photo, stroke);

namespace sseg {

namespace detail {
constexpr bool is_share(float v) { return v >= 0 && v <= 1; }
inline bool sensible(const Warp& w) {
  return w.rotate >= 0 && w.scale >= 0 && w.scale < 3 && w.shear >= 0 && w.translate >= 0 && w.elastic >= 0;
}
inline bool sensible(const EraseBoxes& e) {
  return is_share(e.probability) && e.count >= 0 && e.scale_min > 0 && e.scale_min <= e.scale_max && e.scale_max <= 1 &&
         e.ratio_min > 0 && e.ratio_min <= e.ratio_max && is_share(e.fill);
}
inline bool sensible(const StrokeWidth& s) {
  return s.probability >= 0 && s.thinner >= 0 && s.thicker >= 0 && s.thinner <= StrokeWidth::most &&
         s.thicker <= StrokeWidth::most;
}
inline void check_shares(const PhotoConfig& p) {
  const std::pair<const char*, float> shares[] = {{"augment.photo.flip.horizontal", p.flip.horizontal},
                                                  {"augment.photo.flip.vertical", p.flip.vertical},
                                                  {"augment.photo.jitter.probability", p.jitter.probability},
                                                  {"augment.photo.gray.probability", p.gray.probability},
                                                  {"augment.photo.blur.probability", p.blur.probability},
                                                  {"augment.photo.solarize.threshold", p.solarize.threshold},
                                                  {"augment.photo.solarize.probability", p.solarize.probability},
                                                  {"augment.photo.warp_probability", p.warp_probability},
                                                  {"augment.photo.turn.probability", p.turn.probability}};
  for (const auto& [where, value] : shares)
    require(is_share(value), "the amounts of augmentation make no sense", where, "give 0 to 1");
}
}  // namespace detail

/// Throws: Error naming the setting that makes no sense.
inline void check_augment(const AugmentConfig& c) {
  require(detail::sensible(c.warp) && c.brightness.contrast >= 0 && c.brightness.brightness >= 0 &&
              c.erase.probability >= 0 && c.erase.side >= 0 && c.erase.side <= 1,
          "the amounts of augmentation make no sense", "augment", "give no negative amounts");
  require(detail::sensible(c.stroke), "the stroke widths make no sense", "augment.stroke",
          "give thinner and thicker between 0 and 16 pixels");
  const PhotoConfig& p = c.photo;
  require(p.scale_min > 0 && p.scale_min <= p.scale_max && p.scale_max <= 1, "the crops make no sense",
          "augment.photo.scale_min", "give 0 < scale_min <= scale_max <= 1");
  const ColorJitter& j = p.jitter;
  require(j.brightness >= 0 && j.contrast >= 0 && j.saturation >= 0 && j.hue >= 0 && j.hue <= 0.5f &&
              p.blur.sigma_min >= 0 && p.blur.sigma_min <= p.blur.sigma_max &&
              p.blur.sigma_max <= GaussianBlur::max_sigma,
          "the amounts of augmentation make no sense", "augment.photo",
          "give no negative amounts, a hue of at most 0.5 and an ordered sigma of at most 32");
  require(detail::sensible(p.warp), "the amounts of augmentation make no sense", "augment.photo.warp",
          "give no negative amounts, and a scale below 3");
  detail::check_shares(p);
  require(detail::sensible(p.erase), "the erased boxes make no sense", "augment.photo.erase",
          "give 0 < scale_min <= scale_max <= 1, 0 < ratio_min <= ratio_max, and fill and probability in 0 to 1");
}

}  // namespace sseg

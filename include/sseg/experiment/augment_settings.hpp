#pragma once
#include "sseg/augment/presets.hpp"
#include "sseg/experiment/augment_config.hpp"

namespace sseg {

/// A preset for photographs (augment/presets.hpp) as the settings `augment.photo.*`, so that a run can start from it:
/// c.augment.photo = photo_settings(presets::curriculum()). The side of the crop is `data.image_size`.
inline PhotoConfig photo_settings(const PhotoViews& views) {
  const auto& geometry = std::get<RandomGeometry>(views.steps);
  return {.scale_min = geometry.crop.scale_min,
          .scale_max = geometry.crop.scale_max,
          .flip = geometry.flip,
          .jitter = std::get<ColorJitter>(views.steps),
          .gray = std::get<Grayscale>(views.steps),
          .blur = std::get<GaussianBlur>(views.steps),
          .solarize = std::get<Solarize>(views.steps),
          .warp = geometry.warp,
          .warp_probability = geometry.warp_probability,
          .turn = std::get<RandomTurn>(views.steps),
          .erase = std::get<EraseBoxes>(views.steps)};
}

}  // namespace sseg

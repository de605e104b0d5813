#pragma once
#include "sseg/augment/brightness.hpp"
#include "sseg/augment/color_jitter.hpp"
#include "sseg/augment/erase_boxes.hpp"
#include "sseg/augment/gaussian_blur.hpp"
#include "sseg/augment/grayscale.hpp"
#include "sseg/augment/pipeline.hpp"
#include "sseg/augment/random_geometry.hpp"
#include "sseg/augment/random_turn.hpp"
#include "sseg/augment/solarize.hpp"
#include "sseg/augment/stroke_width.hpp"

namespace sseg {

/// Everything for drawings, ink near 1 on paper 0, and everything for photographs; a step with probability 0 costs
/// nothing or next to it. The functions below fill them in; what they return is plain data to be changed at will.
using DrawingViews = Pipeline<RandomGeometry, StrokeWidth, Brightness, EraseBoxes>;
using PhotoViews = Pipeline<RandomGeometry, RandomTurn, ColorJitter, Grayscale, GaussianBlur, Solarize, EraseBoxes>;

namespace presets {

/// Handwritten characters (Omniglot), from pictures two to four times as large as `side`: the warp that the Omniglot
/// runs of docs/results.md chose, pen strokes up to half a pixel thinner or thicker, paler or darker ink. A character
/// is not turned by quarters and not mirrored: that makes another one (Santoro et al. 2016).
constexpr DrawingViews drawings(Index side = 28) {
  return pipeline(
      RandomGeometry{.crop = {.side = side, .scale_min = 1, .scale_max = 1, .ratio_min = 1, .ratio_max = 1},
                     .flip = {.horizontal = 0, .vertical = 0},
                     .warp = {.rotate = 20, .scale = 0.3f, .shear = 0.4f, .translate = 0.02f, .elastic = 0.12f}},
      StrokeWidth{.thinner = 0.5f, .thicker = 0.5f, .probability = 0.5f},
      Brightness{.contrast = 0.3f, .brightness = 0.1f},
      EraseBoxes{.probability = 0.25f, .scale_min = 0.02f, .scale_max = 0.1f});
}

/// Photographs of about 32×32 (CIFAR-FS): crops of at least a fifth and colours of the CIFAR-FS runs of docs/results.md
/// (the colours are those of Grill et al. 2020), a blur of at most one pixel since there is little to blur, and rare
/// solarization.
constexpr PhotoViews small_photos(Index side = 32) {
  return pipeline(RandomGeometry{.crop = {.side = side, .scale_min = 0.2f},
                                 .warp = {.rotate = 0, .scale = 0, .shear = 0, .translate = 0, .elastic = 0},
                                 .warp_probability = 0,
                                 .repeat_edge = true},
                  RandomTurn{.probability = 0}, ColorJitter{}, Grayscale{},
                  GaussianBlur{.sigma_min = 0.1f, .sigma_max = 1, .probability = 0.5f}, Solarize{.probability = 0.1f},
                  EraseBoxes{.probability = 0});
}

/// Photographs of 84×84 and more (mini-ImageNet): crops of at least 8 %, flips, colours, gray, blur of σ 0.1 … 2 and
/// solarization of Grill et al. 2020, whose two kinds of views blur with 1 and 0.1 and solarize with 0 and 0.2: here
/// both views take the mean.
constexpr PhotoViews photos(Index side = 84) {
  return pipeline(RandomGeometry{.crop = {.side = side, .scale_min = 0.08f},
                                 .warp = {.rotate = 0, .scale = 0, .shear = 0, .translate = 0, .elastic = 0},
                                 .warp_probability = 0,
                                 .repeat_edge = true},
                  RandomTurn{.probability = 0}, ColorJitter{}, Grayscale{},
                  GaussianBlur{.sigma_min = 0.1f, .sigma_max = 2, .probability = 0.55f}, Solarize{.probability = 0.1f},
                  EraseBoxes{.probability = 0});
}

/// Generated pictures of a curriculum: their classes are shapes and their arrangement, so that every turn, flip and
/// small warp is allowed and crops keep most of the picture; colours change, but gray and solarization stay out.
constexpr PhotoViews curriculum(Index side = 32) {
  return pipeline(RandomGeometry{.crop = {.side = side, .scale_min = 0.5f},
                                 .flip = {.horizontal = 0.5f, .vertical = 0.5f},
                                 .warp = {.rotate = 15, .scale = 0.1f, .shear = 0.1f, .translate = 0.05f, .elastic = 0},
                                 .warp_probability = 0.8f,
                                 .repeat_edge = true},
                  RandomTurn{}, ColorJitter{}, Grayscale{.probability = 0},
                  GaussianBlur{.sigma_min = 0.1f, .sigma_max = 1, .probability = 0.2f}, Solarize{.probability = 0},
                  EraseBoxes{.probability = 0.2f, .scale_min = 0.02f, .scale_max = 0.1f});
}

}  // namespace presets
}  // namespace sseg

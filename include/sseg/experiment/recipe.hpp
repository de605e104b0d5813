#pragma once
#include "sseg/augment/either.hpp"
#include "sseg/augment/frame.hpp"
#include "sseg/augment/pipeline.hpp"
#include "sseg/augment/random_resized_crop.hpp"
#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/plateau.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/tasks.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/schedule.hpp"
#include "sseg/train/fit.hpp"

namespace sseg {

/// Distortions of drawings and of photographs; the source of the images decides which.
using DrawingAugment = Pipeline<Warp, Brightness, Erase, Frame>;
using PhotoAugment = Pipeline<RandomResizedCrop, Flip, ColorJitter, Grayscale, GaussianBlur, Solarize>;
using DrawingCrop = Pipeline<Warp, Brightness, Frame, RandomResizedCrop>;
using MainAugment = Either<DrawingAugment, PhotoAugment>;
using MainCrop = Either<DrawingCrop, PhotoAugment>;

/// The policies of the main job, from its configuration.
using MainGrowth = Evolve<Plateau, Grow, Widen>;
using MainRecipe = Recipe<MultiCrop<MainAugment, MainCrop, Frame>, MainObjective, AdamW, Warmup<Cosine>, MainGrowth>;

/// How a picture is brought to the net: the end of the augmentation, and all there is of it in evaluation.
inline Frame main_frame(const RunConfig& c) {
  const bool drawings = c.data.source == "omniglot";
  return {.side = c.data.image_size, .center = drawings && c.data.center, .rescale = drawings && c.data.rescale};
}
inline bool photographs(const RunConfig& c) { return c.data.source == "cifar_fs"; }

namespace detail {
inline PhotoAugment photo_augment(const RunConfig& c, float scale_min, float scale_max) {
  const PhotoConfig& p = c.augment.photo;
  return pipeline(RandomResizedCrop{.side = c.data.image_size, .scale_min = scale_min, .scale_max = scale_max}, p.flip,
                  p.jitter, p.gray, p.blur, p.solarize);
}
}  // namespace detail

/// One global view.
inline MainAugment main_augment(const RunConfig& c) {
  if (photographs(c)) return {detail::photo_augment(c, c.augment.photo.scale_min, c.augment.photo.scale_max)};
  return {pipeline(c.augment.warp, c.augment.brightness, c.augment.erase, main_frame(c))};
}
/// One local crop: a part of a global view, as large as that, since the readout keeps positions.
inline MainCrop main_crop(const RunConfig& c) {
  const DinoConfig& d = c.ssl.dino;
  if (photographs(c)) return {detail::photo_augment(c, d.local_scale_min, d.local_scale_max)};
  Frame large = main_frame(c);
  large.side *= c.data.oversample;
  return {pipeline(
      c.augment.warp, c.augment.brightness, large,
      RandomResizedCrop{.side = c.data.image_size, .scale_min = d.local_scale_min, .scale_max = d.local_scale_max})};
}

/// Copies of a drawing whose features are averaged in evaluation: half the distortion of training.
inline DrawingAugment mild_augment(const RunConfig& c) {
  const Warp& w = c.augment.warp;
  const Warp half{.rotate = w.rotate / 2,
                  .scale = w.scale / 2,
                  .shear = w.shear / 2,
                  .translate = w.translate / 2,
                  .elastic = w.elastic / 2};
  return pipeline(half, Brightness{.contrast = 0, .brightness = 0}, Erase{.probability = 0}, main_frame(c));
}

inline MainRecipe main_recipe(const RunConfig& c) {
  const GrowthConfig& g = c.evolution.growth;
  const Plateau trigger{.patience = g.patience, .min_gain = g.min_gain, .max_wait = g.max_wait, .first = 1};
  return {
      .views = {main_views(c.ssl), main_augment(c), main_crop(c), main_frame(c)},
      .objective = main_objective(c.ssl),
      .optimizer = {.decay = c.optim.weight_decay},
      .rate = {.steps = c.optim.warmup_steps, .inner = {.peak = c.optim.rate, .floor = 0}},
      .teacher = {.decay = c.ssl.distillation.ema_decay},
      .growth = {trigger,
                 {Grow{.max_blocks = g.max_blocks}, Widen{.factor = g.widen_factor, .max_channels = g.max_channels}}},
      .routing = {c.nase.enabled ? std::optional(c.nase.router) : std::nullopt, c.seed},
      .collapse = c.ssl.collapse};
}

inline MainNet seed_learner(const RunConfig& c, Shape image) {
  auto cnn = c.evolution.seed_network.build(image);
  const Index features = feature_count(cnn, image);
  return chain(std::move(cnn), main_heads(c.ssl, features));
}

}  // namespace sseg

#pragma once
#include "sseg/augment/frame.hpp"
#include "sseg/augment/pipeline.hpp"
#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/plateau.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/schedule.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/train/fit.hpp"

namespace sseg {

/// The policies of the main job, from its configuration.
using MainAugment = Pipeline<Warp, Brightness, Erase, Frame>;
using MainGrowth = Evolve<Plateau, Grow, Widen>;
using MainRecipe = Recipe<MainAugment, NtXent, AdamW, Warmup<Cosine>, MainGrowth>;

/// How a picture is brought to the net: the end of the augmentation, and all there is of it in evaluation.
inline Frame main_frame(const RunConfig& c) {
  const bool drawings = c.data.source == "omniglot";
  return {.side = c.data.image_size, .center = drawings && c.data.center, .rescale = drawings && c.data.rescale};
}
inline MainAugment main_augment(const RunConfig& c) {
  return pipeline(c.augment.warp, c.augment.brightness, c.augment.erase, main_frame(c));
}

/// Copies of a drawing whose features are averaged in evaluation: half the distortion of training.
inline MainAugment mild_augment(const RunConfig& c) {
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
      .augment = main_augment(c),
      .loss = {.temperature = c.ssl.contrastive.temperature},
      .optimizer = {.decay = c.optim.weight_decay},
      .rate = {.steps = c.optim.warmup_steps, .inner = {.peak = c.optim.rate, .floor = 0}},
      .teacher = {.decay = c.ssl.distillation.ema_decay},
      .growth = {trigger,
                 {Grow{.max_blocks = g.max_blocks}, Widen{.factor = g.widen_factor, .max_channels = g.max_channels}}}};
}

inline Learner<> seed_learner(const RunConfig& c, Shape image) {
  return make_learner(c.evolution.seed_network.build(image), image, c.ssl.projector.hidden, c.ssl.projector.out);
}

}  // namespace sseg

#pragma once
#include "sseg/augment/either.hpp"
#include "sseg/augment/frame.hpp"
#include "sseg/augment/pipeline.hpp"
#include "sseg/augment/presets.hpp"
#include "sseg/augment/random_resized_crop.hpp"
#include "sseg/evolve/add_stage.hpp"
#include "sseg/evolve/any_trigger.hpp"
#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/switched.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "sseg/evolve/widen_net2wider.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/tasks.hpp"
#include "sseg/optim/any_optimizer.hpp"
#include "sseg/optim/clip.hpp"
#include "sseg/optim/schedule.hpp"
#include "sseg/train/fit.hpp"

namespace sseg {

/// Distortions of drawings and of photographs; the source of the images decides which.
using DrawingAugment = Pipeline<Warp, StrokeWidth, Brightness, Erase, Frame>;
using PhotoAugment = PhotoViews;
using DrawingCrop = Pipeline<Warp, StrokeWidth, Brightness, Frame, RandomResizedCrop>;
using MainAugment = Either<DrawingAugment, PhotoAugment>;
using MainCrop = Either<DrawingCrop, PhotoAugment>;

/// The policies of the main job, from its configuration.
using MainGrowth = Evolve<AnyTrigger, Switched<Grow>, Switched<Widen>, Switched<WidenNet2Wider>, Switched<WidenGradMax>,
                          Switched<AddStage>>;
using MainOptimizer = Clipped<AnyOptimizer>;
using MainRecipe = Recipe<MultiCrop<MainAugment, MainCrop, Frame>, MainObjective, MainOptimizer, Warmup<Cosine>,
                          MainGrowth, RoutingPolicy>;

/// How a picture is brought to the net: the end of the augmentation, and all there is of it in evaluation.
inline Frame main_frame(const RunConfig& c) {
  const bool drawings = c.data.source == "omniglot";
  return {.side = c.data.image_size, .center = drawings && c.data.center, .rescale = drawings && c.data.rescale};
}
/// Is a picture cropped, mirrored and recoloured? Drawings are warped instead.
inline bool photographs(const RunConfig& c) {
  const std::string& s = c.data.source;
  return s == "cifar_fs" || s == "curriculum" || s == "mini_imagenet" || s == "folder";
}

namespace detail {
inline PhotoAugment photo_augment(const RunConfig& c, float scale_min, float scale_max) {
  const PhotoConfig& p = c.augment.photo;
  return pipeline(RandomGeometry{.crop = {.side = c.data.image_size, .scale_min = scale_min, .scale_max = scale_max},
                                 .flip = p.flip,
                                 .warp = p.warp,
                                 .warp_probability = p.warp_probability,
                                 .repeat_edge = true},
                  p.turn, p.jitter, p.gray, p.blur, p.solarize, p.erase);
}
}  // namespace detail

/// One global view.
inline MainAugment main_augment(const RunConfig& c) {
  if (photographs(c)) return {detail::photo_augment(c, c.augment.photo.scale_min, c.augment.photo.scale_max)};
  return {pipeline(c.augment.warp, c.augment.stroke, c.augment.brightness, c.augment.erase, main_frame(c))};
}
/// One local crop: a part of a global view, as large as that, since the readout keeps positions.
inline MainCrop main_crop(const RunConfig& c) {
  const DinoConfig& d = c.ssl.dino;
  if (photographs(c)) return {detail::photo_augment(c, d.local_scale_min, d.local_scale_max)};
  Frame large = main_frame(c);
  large.side *= c.data.oversample;
  return {pipeline(
      c.augment.warp, c.augment.stroke, c.augment.brightness, large,
      RandomResizedCrop{.side = c.data.image_size, .scale_min = d.local_scale_min, .scale_max = d.local_scale_max})};
}

/// Copies of a picture that evaluation looks at beside it: half the distortion of training for drawings, large
/// crops and flips for photographs.
inline MainAugment mild_augment(const RunConfig& c) {
  if (photographs(c)) {
    const float scale_min = (1 + c.augment.photo.scale_min) / 2;
    return {pipeline(RandomGeometry{.crop = {.side = c.data.image_size, .scale_min = scale_min, .scale_max = 1},
                                    .flip = c.augment.photo.flip,
                                    .warp_probability = 0},
                     RandomTurn{.probability = 0}, ColorJitter{.probability = 0}, Grayscale{.probability = 0},
                     GaussianBlur{.probability = 0}, Solarize{.probability = 0}, EraseBoxes{.probability = 0})};
  }
  const Warp& w = c.augment.warp;
  const Warp half{.rotate = w.rotate / 2,
                  .scale = w.scale / 2,
                  .shear = w.shear / 2,
                  .translate = w.translate / 2,
                  .elastic = w.elastic / 2};
  return {pipeline(half, StrokeWidth{.probability = 0}, Brightness{.contrast = 0, .brightness = 0},
                   Erase{.probability = 0}, main_frame(c))};
}

inline AnyTrigger main_trigger(const RunConfig& c) {
  const TriggerConfig& t = c.evolution.growth.trigger;
  if (t.kind == "every") return {Every{t.every}};
  if (t.kind == "at_steps") return {AtSteps{.steps = t.steps, .probe_every = c.train.probe_every}};
  if (t.kind == "never") return {Never{}};
  return {Plateau{.patience = t.patience, .min_gain = t.min_gain, .max_wait = t.max_wait, .first = 1}};
}

inline MainGrowth main_growth(const RunConfig& c) {
  const GrowthConfig& g = c.evolution.growth;
  const MutationsConfig& m = g.mutations;
  const float factor = m.widen_factor;
  return {main_trigger(c),
          {{Grow{.max_blocks = g.max_blocks}, m.grow},
           {Widen{.factor = factor, .max_channels = g.max_channels}, m.widen == "zero"},
           {WidenNet2Wider{.factor = factor, .max_channels = g.max_channels}, m.widen == "net2wider"},
           {WidenGradMax{.factor = factor, .max_channels = g.max_channels}, m.widen == "grad_max"},
           {AddStage{.max_stages = m.max_stages}, m.add_stage}},
          g.selector};
}

inline MainOptimizer main_optimizer(const OptimConfig& o) {
  MainOptimizer optimizer{{AdamW{.decay = o.weight_decay}}, {.norm = o.clip}};
  if (o.method == "sgd")
    optimizer.inner.chosen = Sgd{.momentum = o.momentum, .nesterov = o.nesterov, .decay = o.weight_decay};
  return optimizer;
}

inline EmaTeacher main_teacher(const DistillationConfig& d) {
  return {.decay = d.ema_decay,
          .final_decay = d.final_ema_decay < 0 ? d.ema_decay : d.final_ema_decay,
          .statistics =
              d.teacher_statistics == "student" ? EmaTeacher::Statistics::student : EmaTeacher::Statistics::average};
}

/// `levels`: where those of a curriculum lie among the training images.
inline MainRecipe main_recipe(const RunConfig& c, const LevelRanges& levels = {}) {
  return {.views = {main_views(c.ssl), main_augment(c), main_crop(c), main_frame(c)},
          .objective = main_objective(c.ssl),
          .optimizer = main_optimizer(c.optim),
          .rate = {.steps = c.optim.warmup_steps, .inner = {.peak = c.optim.rate, .floor = c.optim.final_rate}},
          .teacher = main_teacher(c.ssl.distillation),
          .growth = main_growth(c),
          .routing = {c.nase.enabled ? std::optional(c.nase.router) : std::nullopt, c.seed},
          .collapse = c.ssl.collapse,
          .rewarm = {c.evolution.growth.rewarm_steps},
          .gap = {c.evolution.growth.min_gap},
          .curriculum = c.data.source == "curriculum" ? std::optional(CurriculumPolicy{c.curriculum.scheduler, levels})
                                                      : std::nullopt};
}

inline MainNet seed_learner(const RunConfig& c, Shape image) {
  auto cnn = c.evolution.seed_network.build(image);
  const Index features = feature_count(cnn, image);
  return chain(std::move(cnn), main_heads(c.ssl, features));
}

}  // namespace sseg

#pragma once
#include <string>

#include "sseg/core/error.hpp"
#include "sseg/experiment/augment_settings.hpp"
#include "sseg/experiment/config.hpp"

namespace sseg {

/// The embedded default: synthetic shapes, a minute or two on two cores.
inline RunConfig demo_config() {
  RunConfig c;
  c.ssl.contrastive.temperature = 0.2f;
  c.ssl.distillation.ema_decay = 0.99f;
  c.evolution.growth.max_channels = 64;
  c.evolution.growth.trigger.max_wait = 4;
  c.data.oversample = 2;
  c.train = {.steps = 1000, .batch = 64, .probe_every = 100, .recalibrate_steps = 10};
  c.augment.warp = {.rotate = 30, .scale = 0.25f, .shear = 0.15f, .translate = 0.15f, .elastic = 0.04f};
  c.augment.brightness = {.contrast = 0.4f, .brightness = 0.1f};
  return c;
}

/// Omniglot's minimal background set (5 alphabets), for the one-shot runs. What was tried: docs/results.md.
inline RunConfig omniglot_config() {
  RunConfig c;
  c.name = "omniglot";
  c.data.source = "omniglot";
  c.data.image_size = 52;
  c.data.oversample = 2;
  c.ssl.contrastive.temperature = 0.2f;
  c.evolution.seed_network = {.initial_channels = 32, .num_blocks = 4};
  GrowthConfig& growth = c.evolution.growth;
  growth.max_channels = 64;
  growth.trigger.max_wait = 3;
  growth.selector.choice = "sensitivity";
  growth.selector.cost_step = 0.25;
  growth.selector.budget.max_macs = 14'000'000;
  c.train = {.steps = 3000, .batch = 64, .probe_every = 250, .recalibrate_steps = 10};
  c.augment.warp = {.rotate = 20, .scale = 0.3f, .shear = 0.4f, .translate = 0.02f, .elastic = 0.12f};
  c.evaluation = {.episodes = 600, .way = 20, .query = 1, .copies = 32, .match = "best"};
  return c;
}

/// CIFAR-FS (Bertinetto et al. 2019): photographs of 32×32, pretrained on the 64 training classes without their labels.
/// What was tried: docs/results.md.
inline RunConfig cifar_fs_config() {
  RunConfig c;
  c.name = "cifar_fs";
  c.data.source = "cifar_fs";
  c.data.image_size = 32;
  c.data.probe_images = 512;
  c.ssl.contrastive.temperature = 0.1f;
  c.evolution.seed_network = {.initial_channels = 32, .num_blocks = 4, .channel_factor = 2};
  GrowthConfig& growth = c.evolution.growth;
  growth.max_channels = 256;
  growth.selector.choice = "sensitivity";
  growth.selector.cost_step = 0.25;
  growth.selector.budget.max_macs = 25'000'000;
  c.train = {.steps = 11000, .batch = 64, .probe_every = 500, .recalibrate_steps = 10};
  c.augment.photo.scale_min = 0.2f;
  c.evaluation.copies = 8;
  return c;
}

/// Four levels of synthetic pictures, coloured, of 32×32, made as they are read. The schedule and the distortions are
/// first choices; what one run gave: docs/decisions/0014-levels-of-difficulty.md.
inline RunConfig curriculum_config() {
  RunConfig c = cifar_fs_config();
  c.name = c.data.source = "curriculum";
  c.data.count = 5000;
  c.train = {.steps = 3000, .batch = 64, .probe_every = 250, .recalibrate_steps = 10};
  c.augment.photo = photo_settings(presets::curriculum());
  return c;
}

/// mini-ImageNet (Vinyals et al. 2016, as Ravi & Larochelle 2017 cut it): the net of CIFAR-FS on 84×84, the distortions
/// of Grill et al. 2020. Untried on the real pictures.
inline RunConfig mini_imagenet_config() {
  RunConfig c = cifar_fs_config();
  c.name = c.data.source = "mini_imagenet";
  c.data.image_size = 84;
  c.evolution.growth.selector.budget.max_macs = 180'000'000;
  c.augment.photo = photo_settings(presets::photos());
  return c;
}

/// Pictures of one's own, of any size, brought to 64×64. Untried on any one set.
inline RunConfig image_folder_config() {
  RunConfig c = mini_imagenet_config();
  c.name = "images";
  c.data.source = "folder";
  c.data.image_size = 64;
  c.data.channels = 3;
  c.evolution.growth.selector.budget.max_macs = 100'000'000;
  return c;
}

/// IDX files (MNIST, Fashion-MNIST): small gray pictures, warped as the demo's shapes are. Untried beyond a smoke run.
inline RunConfig idx_config() {
  RunConfig c = demo_config();
  c.name = c.data.source = "idx";
  c.data.oversample = 1;
  c.augment.warp = {.rotate = 15, .scale = 0.2f, .shear = 0.15f, .translate = 0.1f, .elastic = 0.03f};
  return c;
}

/// A preset by its name: demo, curriculum, omniglot, cifar_fs, mini_imagenet, images or idx. Throws: Error for another.
inline RunConfig preset_named(const std::string& name) {
  if (name == "demo") return demo_config();
  if (name == "curriculum") return curriculum_config();
  if (name == "omniglot") return omniglot_config();
  if (name == "cifar_fs") return cifar_fs_config();
  if (name == "mini_imagenet") return mini_imagenet_config();
  if (name == "images") return image_folder_config();
  if (name == "idx") return idx_config();
  throw Error("there is no preset '" + name + "'", "--preset",
              "give demo, curriculum, omniglot, cifar_fs, mini_imagenet, images or idx");
}

}  // namespace sseg

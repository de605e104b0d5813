#pragma once
#include <cstdint>
#include <string>

#include "sseg/core/error.hpp"
#include "sseg/experiment/augment_config.hpp"
#include "sseg/experiment/ssl_config.hpp"
#include "sseg/nase/router_config.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/train/fit.hpp"

namespace sseg {

/// Where images come from. `source` is "shapes" (synthetic, nothing to read), "omniglot" (`path`: an official zip or
/// the folder it unpacks to) or "cifar_fs" (`path`: the folder of CIFAR-100's binary version).
struct DataConfig {
  std::string source = "shapes";
  std::string path;
  Index image_size = 28;     ///< what the net reads
  Index oversample = 1;      ///< training pictures are this much larger and are distorted at that size
  bool center = true;        ///< centre drawings by the centroid of their ink
  bool rescale = true;       ///< and zoom so that the ink fills the frame but for a margin of a tenth
  Index count = 6000;        ///< synthetic images
  Index train_kinds = 12;    ///< kinds of shape to pretrain on; the rest is held back for evaluation
  Index probe_images = 256;  ///< held out of training for the growth probe
  bool operator==(const DataConfig&) const = default;
};

/// When, where and how far the net grows.
struct GrowthConfig {
  Index max_blocks = 6;
  Index max_channels = 256;
  std::string sensitivity_method = "taylor";
  float widen_factor = 1.5f;
  Index patience = 3;  ///< probes without a gain before a mutation
  double min_gain = 0.005;
  Index max_wait = 5;  ///< probes between two mutations at most; 0: wait for a plateau for ever
  bool operator==(const GrowthConfig&) const = default;
};
struct EvolutionConfig {
  SeedNetwork seed_network;
  GrowthConfig growth;
  bool operator==(const EvolutionConfig&) const = default;
};

/// Sparsity routing: masks split the net into an important and an unimportant path, trained beside the dense net.
struct NaseConfig {
  bool enabled = false;
  RouterConfig router;
  bool operator==(const NaseConfig&) const = default;
};

struct OptimConfig {
  float rate = 0.005f;  ///< peak learning rate
  float weight_decay = 1e-4f;
  Index warmup_steps = 100;
  bool operator==(const OptimConfig&) const = default;
};

struct EvaluationConfig {
  Index episodes = 600;
  Index way = 5;
  Index query = 15;
  Index copies = 0;  ///< augmented copies averaged into every feature of the one-shot runs, beside the drawing itself
  bool operator==(const EvaluationConfig&) const = default;
};

/// Everything that decides a run's result. The number of threads is not here: it does not.
struct RunConfig {
  std::string name = "demo";
  std::uint64_t seed = 1;
  DataConfig data;
  EvolutionConfig evolution;
  SslConfig ssl;
  NaseConfig nase;
  OptimConfig optim;
  FitConfig train;
  AugmentConfig augment;
  EvaluationConfig evaluation;
  bool operator==(const RunConfig&) const = default;
};

}  // namespace sseg

SSEG_FIELDS(sseg::DataConfig, source, path, image_size, oversample, center, rescale, count, train_kinds, probe_images);
SSEG_FIELDS(sseg::GrowthConfig, max_blocks, max_channels, sensitivity_method, widen_factor, patience, min_gain,
            max_wait);
SSEG_FIELDS(sseg::EvolutionConfig, seed_network, growth);
SSEG_FIELDS(sseg::NaseConfig, enabled, router);
SSEG_FIELDS(sseg::OptimConfig, rate, weight_decay, warmup_steps);
SSEG_FIELDS(sseg::EvaluationConfig, episodes, way, query, copies);
SSEG_FIELDS(sseg::RunConfig, name, seed, data, evolution, ssl, nase, optim, train, augment, evaluation);

namespace sseg {

/// Throws: Error naming the setting that makes no sense.
inline void check_config(const RunConfig& c) {
  const auto need = [](bool ok, const char* what, const char* setting, const char* cure) {
    require(ok, what, setting, cure);
  };
  need(c.data.source == "shapes" || c.data.source == "omniglot" || c.data.source == "cifar_fs",
       "no such source of images", "data.source", "give shapes, omniglot or cifar_fs");
  need(c.data.source == "shapes" || !c.data.path.empty(), "no images are named", "data.path",
       "name images_background_small1.zip or its folder, or the folder of CIFAR-100's binary version");
  need(c.data.image_size >= 8 && c.data.image_size <= 512, "the image size is out of range", "data.image_size",
       "give 8 to 512");
  need(c.data.oversample >= 1 && c.data.oversample <= 8 && c.data.oversample * c.data.image_size <= 1024,
       "the oversampling is out of range", "data.oversample", "give 1 to 8, and at most 1024 pixels in all");
  need(c.data.probe_images >= 2 && c.data.probe_images <= 1 << 24, "the probe needs images", "data.probe_images",
       "give 2 or more");
  need(c.data.source != "shapes" ||
           (c.data.count >= 1 && c.data.count <= 1 << 24 && c.data.train_kinds >= 1 && c.data.train_kinds < 20),
       "no such set of shapes", "data.count, data.train_kinds", "give a positive count and 1 to 19 kinds");
  need(c.evolution.growth.sensitivity_method == "taylor", "no such sensitivity", "evolution.growth.sensitivity_method",
       "give taylor");
  const SeedNetwork& seed = c.evolution.seed_network;
  need(seed.initial_channels >= 1 && seed.initial_channels <= 1 << 14 && seed.num_blocks >= 1 &&
           seed.num_blocks <= 64 && seed.pool >= 1 && seed.pool <= 64,
       "the seed network needs positive sizes", "evolution.seed_network",
       "give 1 or more channels and blocks, and a pool of 1 or more");
  const GrowthConfig& growth = c.evolution.growth;
  need(growth.max_blocks >= 0 && growth.max_channels >= 0 && growth.max_channels <= 1 << 14 && growth.patience >= 1 &&
           growth.max_wait >= 0 && growth.min_gain >= 0,
       "the limits of growth make no sense", "evolution.growth",
       "give no negative numbers, and a patience of 1 or more");
  need(growth.widen_factor > 1 && growth.widen_factor <= 16, "a stage must become wider",
       "evolution.growth.widen_factor", "give more than 1, and at most 16");
  check_ssl(c.ssl);
  c.nase.router.check();
  need(c.optim.rate > 0 && c.optim.rate < 1e3f && c.optim.weight_decay >= 0 && c.optim.warmup_steps >= 0,
       "the optimizer's numbers make no sense", "optim", "give a positive rate, and no negative decay or warm-up");
  check_augment(c.augment);
  need(c.train.steps >= 1 && c.train.batch >= 2 && c.train.batch <= 1 << 16 && c.train.probe_every >= 1 &&
           c.train.recalibrate_steps >= 0,
       "the training sizes make no sense", "train", "give steps ≥ 1, batch ≥ 2, probe_every ≥ 1");
  need(c.evaluation.episodes >= 2 && c.evaluation.way >= 2 && c.evaluation.query >= 1 && c.evaluation.copies >= 0,
       "the evaluation sizes make no sense", "evaluation", "give episodes ≥ 2, way ≥ 2, query ≥ 1");
}

}  // namespace sseg

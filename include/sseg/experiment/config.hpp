#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/evolve/gap_gate.hpp"
#include "sseg/evolve/mutation_selector.hpp"
#include "sseg/experiment/augment_config.hpp"
#include "sseg/experiment/curriculum_config.hpp"
#include "sseg/experiment/evaluation_config.hpp"
#include "sseg/experiment/ssl_config.hpp"
#include "sseg/nase/router_config.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/train/callbacks/early_stop.hpp"
#include "sseg/train/callbacks/time_budget.hpp"
#include "sseg/train/fit.hpp"

namespace sseg {

// clang-format off
/// Where images come from. `source`:
///   shapes         synthetic, one kind of shape each
///   curriculum     synthetic, four levels of difficulty; made as they are read, or `path`: generate_curriculum's folder
///   omniglot       `path`: an official zip, or the folder it unpacks to
///   cifar_fs       `path`: CIFAR-100 or CIFAR-FS in any of its forms (data/cifar_fs.hpp)
///   mini_imagenet  `path`: in any of its forms (data/mini_imagenet.hpp)
///   idx            `path`: a folder of IDX files, as MNIST and Fashion-MNIST are
///   folder         `path`: PNG, JPEG and PNM pictures in a folder or archive (data/image_folder.hpp), labels unused
// clang-format on
struct DataConfig {
  std::string source = "shapes";
  std::string path{};
  Index image_size = 28;   ///< what the net reads
  Index oversample = 1;    ///< training pictures are this much larger and are distorted at that size
  bool center = true;      ///< centre drawings by the centroid of their ink
  bool rescale = true;     ///< and zoom so that the ink fills the frame but for a margin of a tenth
  bool turns = false;      ///< train on every image's four quarter turns, each an image of its own
  Index count = 6000;      ///< synthetic images; of a curriculum, for each level
  Index train_kinds = 12;  ///< kinds of shape to pretrain on; the rest is held back for evaluation
  Index channels = 0;      ///< of a folder's pictures: 1 gray, 3 coloured, 0 as the first one
  bool skip_corrupt =
      false;                 ///< pictures of a folder that cannot be read are left out and named; else they end the run
  Index probe_images = 256;  ///< held out of training for the growth probe
  Index knn_images = 0;      ///< of the training pictures, whose labels tell the accuracy of neighbours; 0: not watched
  bool operator==(const DataConfig&) const = default;
};

/// Are the pictures made, not read? What is held back for evaluation then is too.
inline bool synthetic(const DataConfig& d) { return d.source == "shapes" || d.source == "curriculum"; }

/// Which mutations take part, and their sizes.
struct MutationsConfig {
  bool grow = true;            ///< GROW: a residual block
  std::string widen = "zero";  ///< WIDEN: zero (outgoing weights), net2wider (copies), grad_max, or off
  float widen_factor = 1.5f;
  bool add_stage = false;  ///< a stage that pools: it changes the function
  Index max_stages = 4;
  bool operator==(const MutationsConfig&) const = default;
};

/// When the net grows. `kind`: plateau, every (`every` probes), at_steps (the probe at or after each of `steps`),
/// never.
struct TriggerConfig {
  std::string kind = "plateau";
  Index patience = 3;  ///< probes without a gain before a mutation
  double min_gain = 0.005;
  Index max_wait = 5;  ///< probes between two mutations at most; 0: wait for a plateau for ever
  Index every = 5;
  std::vector<Index> steps{};
  bool operator==(const TriggerConfig&) const = default;
};

/// When, where and how far the net grows. Limits of `selector.budget` that are 0 do not count.
struct GrowthConfig {
  Index max_blocks = 6;
  Index max_channels = 256;
  std::string sensitivity_method = "taylor";  ///< taylor, gradient_norm or keep_ratio
  TriggerConfig trigger;
  MutationsConfig mutations;
  MutationSelector selector;
  double min_gap = 0;        ///< with `nase.enabled`: what the positive path's probe must lack before growth; 0: off
  Index rewarm_steps = 100;  ///< over which the learning rate rises again after a mutation that changed the function
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
  std::string method = "adamw";  ///< adamw or sgd
  float rate = 0.005f;           ///< peak learning rate
  float final_rate = 0;          ///< at the end of the run
  float weight_decay = 1e-4f;
  Index warmup_steps = 100;
  float momentum = 0.9f;  ///< of sgd
  bool nesterov = false;
  float clip = 0;  ///< longest gradient of a tensor; 0: not clipped
  bool operator==(const OptimConfig&) const = default;
};

/// Everything that decides a run's result. The number of threads is not here: it does not.
struct RunConfig {
  std::string name = "demo";
  std::uint64_t seed = 1;
  std::string backend = "auto";   ///< cpu, cuda, or auto: a GPU where the program knows one; they round differently
  std::string precision = "f32";  ///< of factors on a GPU: f32, tf32, bf16 or f16; the Cpu computes in f32
  DataConfig data;
  CurriculumConfig curriculum;
  EvolutionConfig evolution;
  SslConfig ssl;
  NaseConfig nase;
  OptimConfig optim;
  FitConfig train;
  AugmentConfig augment;
  EarlyStopConfig early_stop;
  TimeBudgetConfig time_budget;
  EvaluationConfig evaluation;
  bool operator==(const RunConfig&) const = default;
};

}  // namespace sseg

SSEG_FIELDS(sseg::DataConfig, source, path, image_size, oversample, center, rescale, turns, count, train_kinds,
            channels, skip_corrupt, probe_images, knn_images);
SSEG_FIELDS(sseg::MutationsConfig, grow, widen, widen_factor, add_stage, max_stages);
SSEG_FIELDS(sseg::TriggerConfig, kind, patience, min_gain, max_wait, every, steps);
SSEG_FIELDS(sseg::GrowthConfig, max_blocks, max_channels, sensitivity_method, trigger, mutations, selector, min_gap,
            rewarm_steps);
SSEG_FIELDS(sseg::EvolutionConfig, seed_network, growth);
SSEG_FIELDS(sseg::NaseConfig, enabled, router);
SSEG_FIELDS(sseg::OptimConfig, method, rate, final_rate, weight_decay, warmup_steps, momentum, nesterov, clip);
SSEG_FIELDS(sseg::RunConfig, name, seed, backend, precision, data, curriculum, evolution, ssl, nase, optim, train,
            augment, early_stop, time_budget, evaluation);

namespace sseg {

namespace detail {

template <class... Words>
bool one_of(const std::string& text, Words... words) {
  return ((text == words) || ...);
}

inline void check_data(const DataConfig& d) {
  require(one_of(d.source, "shapes", "curriculum", "omniglot", "cifar_fs", "mini_imagenet", "idx", "folder"),
          "no such source of images", "data.source",
          "give shapes, curriculum, omniglot, cifar_fs, mini_imagenet, idx or folder");
  require(synthetic(d) || !d.path.empty(), "no images are named", "data.path",
          "name the folder or archive that holds them; describe_data says what it finds there");
  require(d.image_size >= 8 && d.image_size <= 512, "the image size is out of range", "data.image_size",
          "give 8 to 512");
  require(d.oversample >= 1 && d.oversample <= 8 && d.oversample * d.image_size <= 1024,
          "the oversampling is out of range", "data.oversample", "give 1 to 8, and at most 1024 pixels in all");
  require(!(d.turns && d.source == "curriculum"), "a curriculum has no turned copies", "data.turns",
          "leave it false; augment.photo.turn turns views");
  require(d.channels == 0 || d.channels == 1 || d.channels == 3, "pictures have 1 or 3 channels", "data.channels",
          "give 1, 3 or 0");
  require(d.probe_images >= 2 && d.probe_images <= 1 << 24, "the probe needs images", "data.probe_images",
          "give 2 or more");
  require(d.knn_images == 0 || (d.knn_images >= 2 && d.knn_images <= 1 << 16),
          "the accuracy of neighbours needs images", "data.knn_images", "give 2 to 65536, or 0 not to watch it");
  require(!synthetic(d) || (d.count >= 1 && d.count <= 1 << 24 && d.train_kinds >= 1 && d.train_kinds < 20),
          "no such set of shapes", "data.count, data.train_kinds", "give a positive count and 1 to 19 kinds");
}

inline void check_trigger(const TriggerConfig& t) {
  require(one_of(t.kind, "plateau", "every", "at_steps", "never"), "no such trigger", "evolution.growth.trigger.kind",
          "give plateau, every, at_steps or never");
  require(t.patience >= 1 && t.max_wait >= 0 && t.min_gain >= 0 && t.every >= 1,
          "the numbers of the trigger make no sense", "evolution.growth.trigger",
          "give no negative numbers, and a patience and an interval of 1 or more");
  require(t.kind != "at_steps" || !t.steps.empty(), "no steps are named", "evolution.growth.trigger.steps",
          "give the steps to grow at, for example [500,1000], or another trigger");
}

inline void check_growth(const GrowthConfig& g) {
  require(g.max_blocks >= 0 && g.max_channels >= 0 && g.max_channels <= 1 << 14 && g.rewarm_steps >= 0,
          "the limits of growth make no sense", "evolution.growth", "give no negative numbers");
  require(one_of(g.sensitivity_method, "taylor", "gradient_norm", "keep_ratio"), "no such sensitivity",
          "evolution.growth.sensitivity_method", "give taylor, gradient_norm or keep_ratio");
  check_trigger(g.trigger);
  const MutationsConfig& m = g.mutations;
  require(one_of(m.widen, "zero", "net2wider", "grad_max", "off"), "no such way to widen",
          "evolution.growth.mutations.widen", "give zero, net2wider, grad_max or off");
  require(m.widen_factor > 1 && m.widen_factor <= 16, "a stage must become wider",
          "evolution.growth.mutations.widen_factor", "give more than 1, and at most 16");
  require(m.grow || m.widen != "off" || m.add_stage || g.trigger.kind == "never", "every mutation is switched off",
          "evolution.growth.mutations", "switch one on, or set evolution.growth.trigger.kind=never");
  require(m.max_stages >= 0, "a limit of growth is negative", "evolution.growth.mutations.max_stages",
          "give 0 or more");
  const Budget& b = g.selector.budget;
  require(b.max_blocks >= 0 && b.max_channels >= 0 && b.max_macs >= 0 && b.max_params >= 0 && b.max_milliseconds >= 0,
          "a limit of growth is negative", "evolution.growth.selector.budget", "give 0 for no limit, or more");
  g.selector.check();
  GapGate{g.min_gap}.check();
}

inline void check_optim(const OptimConfig& o) {
  require(one_of(o.method, "adamw", "sgd"), "no such optimizer", "optim.method", "give adamw or sgd");
  require(o.rate > 0 && o.rate < 1e3f && o.final_rate >= 0 && o.final_rate <= o.rate && o.weight_decay >= 0 &&
              o.warmup_steps >= 0 && o.momentum >= 0 && o.momentum < 1 && o.clip >= 0,
          "the optimizer's numbers make no sense", "optim",
          "give a positive rate that does not rise, a momentum below 1, and no negative decay, warm-up or clip");
}

}  // namespace detail

/// Throws: Error naming the setting that makes no sense.
inline void check_config(const RunConfig& c) {
  require(detail::one_of(c.backend, "auto", "cpu", "cuda"), "there is no such backend", "backend",
          "give auto, cpu or cuda");
  require(detail::one_of(c.precision, "f32", "tf32", "bf16", "f16"), "there is no such precision", "precision",
          "give f32, tf32, bf16 or f16");
  detail::check_data(c.data);
  c.curriculum.check();
  const SeedNetwork& seed = c.evolution.seed_network;
  require(seed.initial_channels >= 1 && seed.initial_channels <= SeedNetwork::max_channels && seed.num_blocks >= 1 &&
              seed.num_blocks <= 64 && seed.pool >= 1 && seed.pool <= 64 && seed.unpooled_blocks >= 0 &&
              seed.unpooled_blocks <= seed.num_blocks && seed.channel_factor >= 1 && seed.channel_factor <= 16,
          "the seed network's sizes make no sense", "evolution.seed_network",
          "give 1 or more channels and blocks, a pool of 1 or more, unpooled_blocks from 0 to num_blocks, and a "
          "channel_factor of 1 to 16");
  detail::check_growth(c.evolution.growth);
  check_ssl(c.ssl);
  c.nase.router.check();
  detail::check_optim(c.optim);
  check_augment(c.augment);
  require(c.train.steps >= 1 && c.train.batch >= 2 && c.train.batch <= 1 << 16 && c.train.probe_every >= 1 &&
              c.train.recalibrate_steps >= 0,
          "the training sizes make no sense", "train", "give steps ≥ 1, batch ≥ 2, probe_every ≥ 1");
  require(
      c.early_stop.patience >= 0 && c.early_stop.min_gain >= 0 && c.time_budget.seconds >= 0 && c.time_budget.warn >= 0,
      "the ends of the run make no sense", "early_stop, time_budget", "give no negative numbers");
  check_evaluation(c.evaluation);
}

}  // namespace sseg

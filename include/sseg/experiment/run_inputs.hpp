#pragma once
#include <string>
#include <utility>

#include "sseg/data/any_dataset.hpp"
#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/fewshot/instance_probe.hpp"

namespace sseg {

/// What a configuration makes of its images before the first step, the same in every program that continues its run.
struct RunInputs {
  AnyDataset train;      ///< those that the probe does not use
  InstanceProbe probe;   ///< of growth
  Rng fit;               ///< the stream of the training loop
  Shape image;           ///< (H, W, C), what the net reads
  LevelRanges levels{};  ///< of `train`, with a curriculum
};

namespace detail {

/// Better to fail now than in the middle of the run. Throws: Error when a level has too few images for a batch of it.
inline void check_levels(const RunConfig& c, const LevelRanges& levels) {
  const CurriculumScheduler& s = c.curriculum.scheduler;
  for (Index l = s.first_level; l <= s.last_level; ++l)
    if (const Index images = levels[to_size(l - 1)].size(); images < c.train.batch)
      throw Error("level " + std::to_string(l) + " has " + std::to_string(images) + " images, fewer than a batch of " +
                      std::to_string(c.train.batch),
                  "data.count", "raise data.count, or lower train.batch or data.probe_images");
}

}  // namespace detail

/// Throws: Error as `hold_out`, and when a level of a curriculum has too few images for a batch.
inline RunInputs run_inputs(const RunConfig& c, const AnyDataset& images) {
  const Rng rng(c.seed);
  TrainingImages data = hold_out(images, c.data.probe_images, c.train.batch, rng.split("hold out"));
  const LevelRanges levels =
      c.data.source == "curriculum" ? level_ranges(data.kept, images.size() / LevelMix::levels) : LevelRanges{};
  if (c.data.source == "curriculum") detail::check_levels(c, levels);
  return {std::move(data.train), InstanceProbe(data.probe, main_augment(c), rng.split("probe")), rng.split("fit"),
          main_frame(c).out_shape(images.spec().shape), levels};
}

}  // namespace sseg

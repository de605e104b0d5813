#pragma once
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

/// Throws: Error as `hold_out`.
inline RunInputs run_inputs(const RunConfig& c, const AnyDataset& images) {
  const Rng rng(c.seed);
  TrainingImages data = hold_out(images, c.data.probe_images, c.train.batch, rng.split("hold out"));
  const LevelRanges levels =
      c.data.source == "curriculum" ? level_ranges(data.kept, images.size() / LevelMix::levels) : LevelRanges{};
  return {std::move(data.train), InstanceProbe(data.probe, main_augment(c), rng.split("probe")), rng.split("fit"),
          main_frame(c).out_shape(images.spec().shape), levels};
}

}  // namespace sseg

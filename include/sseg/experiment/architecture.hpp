#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/evolve/history.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// Multiply-adds per training image and view that `steps` steps of a run cost: Σ over steps of those of the net at that
/// step, from its history; `macs_now` are those of the net at the end.
inline double macs_spent(const History& history, Index macs_now, Index steps) {
  double spent = 0;
  Index since = 0;
  for (const MutationRecord& m : history) {
    spent += static_cast<double>(m.step - since) * static_cast<double>(m.macs_before);
    since = m.step;
  }
  return spent + static_cast<double>(steps - since) * static_cast<double>(macs_now);
}

/// The control of growth: the net that a run ended with, from its first step on, with fresh weights of the
/// configuration's seed. Trained for the same steps it costs more than the run that grew; `equal_macs_steps` says how
/// many steps cost the same.
inline TrainState<MainNet, float> untrained_like(const TrainState<MainNet, float>& run, const RunConfig& c) {
  return start_training<float>(run.model.net, MainOptimizer::moments, Rng(c.seed).split("init"),
                               c.evolution.growth.sensitivity_method);
}

/// Steps of the final net that cost as many multiply-adds as the run, one or more. `image` is (H, W, C).
inline Index equal_macs_steps(const TrainState<MainNet, float>& run, Shape image) {
  const Index macs = run.model.net.macs({1, image[0], image[1], image[2]});
  const double steps = macs_spent(run.history, macs, run.step) / static_cast<double>(macs);
  return std::max<Index>(1, static_cast<Index>(std::llround(steps)));
}

}  // namespace sseg

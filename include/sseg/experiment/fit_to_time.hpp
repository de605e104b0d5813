#pragma once
#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/data/any_dataset.hpp"
#include "sseg/experiment/folder_plan.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/experiment/run_inputs.hpp"

namespace sseg {

/// What the parts of a run take, in seconds.
struct RunCosts {
  double step = 0;   ///< of training
  double probe = 0;  ///< one look at the probe
  double end = 0;    ///< the statistics of the training images behind the last step
};

/// Measures a run's costs on steps of a state that is thrown away: the run itself begins afresh, and nothing of the
/// measurement is in its result but the number of steps that is derived from it. Takes about `seconds`.
template <class B>
RunCosts measure_costs(B& backend, RunConfig c, const AnyDataset& images, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); };
  const RunInputs in = run_inputs(c, images);
  auto state = untrained_state(c, in.image);
  auto fit = make_fit(backend, in.train, in.probe, c.train, main_recipe(c, in.levels), in.fit);
  fit.step(state);  // brings memory and caches to their size
  RunCosts costs;
  const auto start = Clock::now();
  Index steps = 0;
  while (steps < 5 || (steps < 200 && since(start) < seconds)) fit.step(state), ++steps;
  costs.step = since(start) / static_cast<double>(steps);
  const auto look = Clock::now();
  in.probe.measure(backend, backbone(state.model.net), state.model.teacher);
  costs.probe = since(look);
  const Index views =
      in.train.size() + c.evaluation.whitening.views * std::min(c.evaluation.whitening.images, in.train.size());
  // A view is made in training at a step's price for two of each picture; that bounds what making and embedding one
  // takes.
  costs.end = static_cast<double>(views) * costs.step / static_cast<double>(4 * c.train.batch);
  return costs;
}

/// Sets the length of a run to what `all_seconds` allow, of which `spent` are gone, and what hangs on it: steps between
/// looks at the probe (25 in all), warm-up (a twentieth, at most 100 steps), `time_budget.seconds` as a last resort.
/// With growth every step is counted as one of the largest net allowed; a twentieth of the time is kept in reserve.
/// Since all this is in the saved configuration before the run starts, the run can be repeated from it, on a slower
/// machine with time_budget.seconds=0. `overrides` (SETTING=VALUE) go over it. Throws: Error when fewer than 20 steps
/// fit, naming the minutes that would do, or when the overrides make no sense.
inline void fit_to_time(RunConfig& c, const RunCosts& costs, double all_seconds, double spent = 0,
                        const std::vector<std::string>& overrides = {}) {
  constexpr Index looks = 25, least = 20;
  const double seconds = all_seconds - spent;
  const double growth = c.evolution.growth.trigger.kind == "never" ? 1 : FolderPlan::most_growth;
  const double fixed = costs.end * growth + looks * costs.probe * growth;
  const double steps = (0.95 * seconds - fixed) / (costs.step * growth);
  if (!(steps >= least)) {
    const double needed = spent + (fixed + 2 * least * costs.step * growth) / 0.95;
    throw Error(
        "the time is too short: a step takes " + std::to_string(costs.step) + " s, and there are " +
            std::to_string(std::max(0.0, seconds)) + " s",
        "--minutes",
        "give at least " + std::to_string(static_cast<Index>(std::ceil(needed / 60))) + ", or a smaller --image_size");
  }
  c.train.steps = static_cast<Index>(std::min(steps, 1e7));
  if (c.train.steps > 200) c.train.steps -= c.train.steps % 10;
  c.train.probe_every = std::max<Index>(1, (c.train.steps + looks - 1) / looks);
  c.optim.warmup_steps = std::clamp<Index>(c.train.steps / 20, 1, 100);
  c.time_budget.seconds = std::ceil(seconds - costs.end * growth);
  detail::apply_overrides(c, overrides);
}

}  // namespace sseg

#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "sseg/augment/view_set.hpp"
#include "sseg/concepts/dataset.hpp"
#include "sseg/concepts/scheduler.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/data/batch_order.hpp"
#include "sseg/data/prefetcher.hpp"
#include "sseg/ssl/objective.hpp"
#include "sseg/train/curriculum_order.hpp"

namespace sseg {

/// The views that a recipe asks for at each step of a run: a pure function of the stream, the step and, with a
/// self-paced curriculum, its level. Keeps references to threads, data and recipe. Views that no term looks at are not
/// made.
template <Dataset Data, class Recipe>
class StepViews {
 public:
  using Views = ViewSet::Views;

  /// `steps`: of the whole run. `part`: which of every batch's images these are the views of; all, where other
  /// processes have no part. Throws: Error as `BatchOrder`.
  StepViews(Threads& threads, const Data& data, const Recipe& recipe, Index steps, Index batch, const Rng& rng,
            Range part)
      : threads_(threads),
        data_(data),
        recipe_(recipe),
        steps_(steps),
        part_(part),
        rng_(rng.split("views")),
        order_(data.size(), batch, rng.split("order")),
        curriculum_(recipe.curriculum ? recipe.curriculum->levels : LevelRanges{}, batch, rng.split("order")) {}

  /// From now on `workers` threads make the views of the next steps while a step trains; 0: none. Results are the same.
  void load_ahead(int workers) {
    ahead_.reset();
    loaders_ = workers;
  }

  /// Those of any step, made now. Valid until the next call.
  const Views& at(Index step, const CurriculumMemory& memory) { return make(step, memory, batch_, threads_, views_); }

  /// Those of a training step, from the threads that load ahead where there are any. What these have made for other
  /// steps, or for another level of a self-paced curriculum, is thrown away. Throws: what reading a picture threw.
  const Views& next(Index step, const CurriculumMemory& memory) {
    if (loaders_ == 0) return at(step, memory);
    if (!ahead_ || ahead_->position() != step || ahead_memory_.level != memory.level) {
      ahead_.reset();
      ahead_memory_ = memory;
      ahead_.emplace(Prepare{this}, step, loaders_, Index{2} * loaders_);
    }
    return ahead_->next().views;
  }

  /// Shares of the curriculum's levels at a step. Requires: the recipe has a curriculum.
  LevelMix mix(Index step, const CurriculumMemory& memory) const {
    return recipe_.curriculum->scheduler.mix({step, steps_}, memory);
  }

 private:
  /// The views of one step, and what making them away from the training thread needs.
  struct Prepared {
    Threads alone{1};
    ViewSet set;
    Views views;
    std::vector<Index> batch;
  };
  struct Prepare {
    StepViews* of;
    void operator()(Index step, Prepared& p) const {
      if (step < of->steps_) p.views = of->make(step, of->ahead_memory_, p.batch, p.alone, p.set);
    }
  };

  const Views& make(Index step, const CurriculumMemory& memory, std::vector<Index>& batch, Threads& threads,
                    ViewSet& set) {
    const auto& v = recipe_.views;
    const Progress now{step, steps_};
    ViewCounts counts = v.counts;
    if (!recipe_.objective.sees(Sees::crops, now)) counts.local = 0;
    if (!recipe_.objective.sees(Sees::rotated, now)) counts.rotated = 0;
    {
      const std::lock_guard lock(order_mutex_);
      const auto chosen = recipe_.curriculum ? curriculum_.at(step, mix(step, memory)) : order_.at(step);
      batch.assign(chosen.begin() + part_.begin, chosen.begin() + part_.end);
    }
    return set.make(threads, data_, batch, counts, v.global, v.local, v.clean,
                    rng_.split(static_cast<std::uint64_t>(step)), part_.begin);
  }

  Threads& threads_;
  const Data& data_;
  const Recipe& recipe_;
  Index steps_;
  Range part_;
  Rng rng_;
  BatchOrder order_;
  CurriculumOrder curriculum_;
  std::mutex order_mutex_;
  std::vector<Index> batch_;
  ViewSet views_;
  int loaders_ = 0;
  CurriculumMemory ahead_memory_;
  std::optional<Prefetcher<Prepared, Prepare>> ahead_;  // last: its threads use what stands above
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/curriculum/curriculum_scheduler.hpp"
#include "sseg/curriculum/synthetic_curriculum.hpp"

namespace sseg {

/// A curriculum of a run: when which level, and where the levels lie in the data set.
struct CurriculumPolicy {
  CurriculumScheduler scheduler;
  LevelRanges levels;
};

/// Which images make up the batch of a step under a curriculum: of each level as many as its share asks for, drawn
/// without replacement, lower levels first. A pure function of stream, step and shares, so a resumed run goes on with
/// the same batches. There are no epochs: an image may come again in the next batch.
class CurriculumOrder {
 public:
  CurriculumOrder(const LevelRanges& levels, Index batch, const Rng& rng)
      : levels_(levels), rng_(rng), chosen_(to_size(batch)) {}

  /// Valid until the next call. Throws: Error when a level has too few images.
  std::span<const Index> at(Index step, const LevelMix& mix) {
    const auto counts = mix.counts(static_cast<Index>(chosen_.size()));
    auto next = chosen_.begin();
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      if (counts[l] > levels_[l].size())
        throw Error("a batch needs " + std::to_string(counts[l]) + " images of level " + std::to_string(l + 1) +
                        ", and there are " + std::to_string(levels_[l].size()),
                    "CurriculumOrder", "raise data.count or lower train.batch");
      Rng draw = rng_.split(static_cast<std::uint64_t>(step)).split(l);
      const auto first = next;
      for (Index k = 0; k < counts[l]; ++k) *next++ = another(draw, levels_[l], first, next);
    }
    return chosen_;
  }

 private:
  template <class It>
  static Index another(Rng& draw, Range level, It first, It end) {
    for (;;) {
      const Index i = level.begin + draw.below(level.size());
      if (std::find(first, end, i) == end) return i;
    }
  }

  LevelRanges levels_;
  Rng rng_;
  std::vector<Index> chosen_;
};

}  // namespace sseg

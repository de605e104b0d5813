#pragma once
#include <algorithm>
#include <cmath>
#include <string>

#include "sseg/concepts/scheduler.hpp"
#include "sseg/core/error.hpp"
#include "sseg/curriculum/curriculum_memory.hpp"
#include "sseg/curriculum/level_mix.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

// clang-format off
/// Which levels of difficulty a batch is drawn from (curriculum learning, Bengio et al. 2009). `kind`:
///   linear      the level rises evenly from first_level to last_level over `rise` of the run, neighbours mixed
///   step        the levels one after the other, each for an equal part of `rise` of the run
///   self_paced  the next level when the growth probe has not gained `min_gain` for `patience` probes, or after
///               `max_wait` probes on this level
///   all         all levels in equal shares from the start: no curriculum, the control
/// A share `earlier` of every batch is spread over the levels before, so that they are not forgotten.
// clang-format on
struct CurriculumScheduler {
  std::string kind = "linear";
  Index first_level = 1;
  Index last_level = LevelMix::levels;
  double rise = 0.8;     ///< of the run, after which the last level is reached; linear and step
  double earlier = 0.2;  ///< share of a batch
  Index patience = 3;    ///< self_paced
  double min_gain = 0.005;
  Index max_wait = 10;  ///< 0: waits for ever
  bool operator==(const CurriculumScheduler&) const = default;

  /// Throws: Error naming what makes no sense.
  void check() const {
    require(kind == "linear" || kind == "step" || kind == "self_paced" || kind == "all", "no such curriculum",
            "curriculum.scheduler.kind", "give linear, step, self_paced or all");
    require(first_level >= 1 && first_level <= last_level && last_level <= LevelMix::levels,
            "the levels are out of range", "curriculum.scheduler.first_level, last_level",
            "give 1 <= first_level <= last_level <= 4");
    require(rise > 0 && rise <= 1 && earlier >= 0 && earlier < 1, "the shares are out of range",
            "curriculum.scheduler.rise, earlier", "give 0 < rise <= 1 and 0 <= earlier < 1");
    require(patience >= 1 && min_gain >= 0 && max_wait >= 0, "the numbers of the self-paced curriculum make no sense",
            "curriculum.scheduler.patience, min_gain, max_wait", "give a patience >= 1 and no negative numbers");
  }

  /// The mix of the step to come.
  LevelMix mix(Progress at, const CurriculumMemory& memory) const {
    if (kind == "all") return even(first_level, last_level);
    if (kind == "self_paced")
      return with_earlier(static_cast<double>(std::clamp(memory.level, first_level, last_level)));
    const double whole = static_cast<double>(std::max<Index>(at.steps, 1)) * rise;
    const double way = std::min(1., static_cast<double>(at.step) / whole);  // 0 … 1
    const auto climb = static_cast<double>(last_level - first_level);
    const auto first = static_cast<double>(first_level);
    if (kind == "step") return with_earlier(first + std::min(climb, std::floor(way * (climb + 1))));
    return with_earlier(first + way * climb);
  }

  /// Hears the growth probe; true: the next level begins. Only a self-paced curriculum listens.
  bool observe(CurriculumMemory& memory, double probe) const {
    if (kind != "self_paced") return false;
    if (memory.level < first_level) memory = {.level = first_level};
    ++memory.seen;
    ++memory.stale;
    if (memory.best < 0 || probe >= memory.best + min_gain)
      memory.best = std::max(memory.best, probe), memory.stale = 0;
    const bool tired = memory.stale >= patience || (max_wait > 0 && memory.seen >= max_wait);
    if (!tired || memory.level >= last_level) return false;
    memory = {.level = memory.level + 1};
    return true;
  }

 private:
  static LevelMix even(Index first, Index last) {
    LevelMix m{{}};
    for (Index l = first; l <= last; ++l) m[l] = 1 / static_cast<double>(last - first + 1);
    return m;
  }
  /// A level between two whole ones mixes both; `earlier` of all goes to the levels before the upper one.
  LevelMix with_earlier(double level) const {
    const auto low = std::min(static_cast<Index>(level), last_level);
    const double upper = level - static_cast<double>(low);
    LevelMix m{{}};
    m[low] = 1 - upper;
    if (upper > 0) m[low + 1] = upper;
    const Index before = upper > 0 ? low : low - 1;
    if (before < first_level) return m;
    for (double& s : m.share) s *= 1 - earlier;
    for (Index l = first_level; l <= before; ++l) m[l] += earlier / static_cast<double>(before - first_level + 1);
    return m;
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::CurriculumScheduler, kind, first_level, last_level, rise, earlier, patience, min_gain, max_wait);

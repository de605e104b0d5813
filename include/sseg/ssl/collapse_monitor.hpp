#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/core/error.hpp"
#include "sseg/core/view.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/ssl/collapse_memory.hpp"
#include "sseg/ssl/collapse_report.hpp"
#include "sseg/ssl/feature_spread.hpp"
#include "sseg/ssl/teacher_entropy.hpp"

namespace sseg {

/// When features count as collapsed. Untrained nets look much like collapsed ones: until `patience` looks agree, a
/// verdict is not acted on.
struct CollapseConfig {
  Index every = 50;                  ///< steps between two looks; 0: never
  double min_std = 0.05;             ///< `constant` below
  double min_rank = 2;               ///< `low_rank` below this, or below half the possible rank where that is less
  double entropy_low_share = 0.05;   ///< `constant` when the teacher's mean output has less of ln K
  double entropy_high_share = 0.99;  ///< `uniform` when the teacher's outputs have more of ln K; or, without a teacher,
                                     ///< when the loss is within as little of ln K
  Index patience = 6;
  bool stop = false;  ///< a confirmed collapse ends the run
  bool operator==(const CollapseConfig&) const = default;

  /// Fills in the verdict on a report's numbers. What the teacher shows goes first, then the spread of the features,
  /// then the loss.
  void judge(CollapseReport& r) const {
    const auto say = [&](Collapse verdict, bool from_teacher) {
      r.verdict = verdict;
      r.from_teacher = from_teacher;
    };
    const bool taught = !std::isnan(r.teacher_entropy);
    if (taught && r.mean_entropy < entropy_low_share) return say(Collapse::constant, true);
    if (taught && r.teacher_entropy > entropy_high_share) return say(Collapse::uniform, true);
    if (r.feature_std < min_std) return say(Collapse::constant, false);
    if (!taught && std::abs(r.loss_over_ln_k - 1) < 1 - entropy_high_share) return say(Collapse::uniform, false);
    if (r.effective_rank < std::min(min_rank, static_cast<double>(r.most_rank) / 2))
      return say(Collapse::low_rank, false);
    say(Collapse::healthy, false);
  }
};

/// What a CollapseMonitor looks at.
template <class T>
struct CollapseSample {
  Index step = 0;
  View<const T> z;          ///< features or projections (R, D) of many pictures
  View<const T> teacher{};  ///< its outputs (R', K) as the loss sees them, centred and over the temperature; null: none
  bool logits = true;       ///< false: `teacher` holds probabilities
  double loss = CollapseReport::unknown;
  /// K of the loss: among how many it chooses. Prototypes of DINO; 2N − 1 of NT-Xent over N pictures, whose loss stands
  /// at ln(2N − 1) when all features are the same. 0: the loss is not judged.
  Index choices = 0;
};

/// Watches a run for collapse, which a loss alone does not show: it is as low for constant features as for good ones
/// (BYOL, DINO without centre), or stands at ln K. The caller looks at every `due` step, and tells the user
/// `last().message()` whenever `changed`. What it must remember is the caller's, so that a run can go on after a stop.
class CollapseMonitor {
 public:
  using Memory = CollapseMemory;

  /// Throws: Error for a configuration that makes no sense.
  explicit CollapseMonitor(CollapseConfig config = {}) : config_(config) {
    require(
        config.every >= 0 && config.patience >= 1 && config.min_std >= 0 && config.min_rank >= 0 &&
            config.entropy_low_share >= 0 && config.entropy_low_share < config.entropy_high_share &&
            config.entropy_high_share <= 1,
        "the collapse monitor's numbers make no sense", "CollapseMonitor",
        "give every, min_std and min_rank >= 0, patience >= 1 and 0 <= entropy_low_share < entropy_high_share <= 1");
  }

  bool due(Index step) const { return config_.every > 0 && step % config_.every == 0; }

  /// Throws: Error with fewer than two rows, and for values that are not finite.
  template <class T>
  const CollapseReport& observe(Memory& m, const CollapseSample<T>& s) {
    const FeatureSpread spread = spread_(s.z);
    last_ = {};
    last_.step = s.step;
    last_.feature_std = spread.std;
    last_.effective_rank = spread.effective_rank;
    last_.most_rank = std::min(s.z.shape[0] - 1, s.z.shape[1]);
    if (s.teacher) {
      const TeacherEntropy entropy = entropy_(s.teacher, s.logits);
      last_.teacher_entropy = entropy.each;
      last_.mean_entropy = entropy.mean;
    }
    if (s.choices >= 2) last_.loss_over_ln_k = s.loss / std::log(static_cast<double>(s.choices));
    config_.judge(last_);
    count(m);
    return last_;
  }

  const CollapseReport& last() const { return last_; }
  /// The last look confirmed another verdict than before: once per change, back to healthy too.
  bool changed() const { return changed_; }
  bool should_stop(const Memory& m) const { return config_.stop && m.confirmed != Collapse::healthy; }

 private:
  void count(Memory& m) {
    m.agreeing = last_.verdict == m.candidate ? m.agreeing + 1 : 1;
    m.candidate = last_.verdict;
    changed_ = m.agreeing >= config_.patience && m.candidate != m.confirmed;
    if (changed_) m.confirmed = m.candidate;
  }

  CollapseConfig config_;
  SpreadMeter spread_;
  EntropyMeter entropy_;
  CollapseReport last_;
  bool changed_ = false;
};

}  // namespace sseg

SSEG_FIELDS(sseg::CollapseConfig, every, min_std, min_rank, entropy_low_share, entropy_high_share, patience, stop);

#pragma once
#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sseg/evolve/learner.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Running averages of a sensitivity as files keep them.
struct StageScoresRecord {
  std::vector<Index> stage;  ///< ids, in the net's order
  std::vector<double> value;
  std::vector<std::vector<double>> channel;
  bool operator==(const StageScoresRecord&) const = default;
};

/// Running averages of one score a stage, and of one a channel of the stage's stream: a ← b·a + (1 − b)·s, from 0 on.
/// Averages belong to the stage's id, so they stay with it when stages are inserted before it; in a wider stage old
/// channels keep theirs.
class StageScores {
 public:
  explicit StageScores(double momentum = 0.9) : momentum_(momentum) {}

  /// Takes over the stages of the net. `observe` does it too; call it after a mutation when `values` is read before the
  /// next step. Allocates only where the layout is new.
  void align(const Stack<Stage>& list) {
    if (aligned(list)) return;
    const auto before = std::exchange(rows_, {});
    const auto value = std::exchange(value_, {});
    for (std::size_t s = 0; s < list.slots.size(); ++s) {
      const auto& slot = list.slots[s];
      const auto old = before.empty()
                           ? s
                           : static_cast<std::size_t>(
                                 std::find_if(before.begin(), before.end(), [&](auto& r) { return r.id == slot.id; }) -
                                 before.begin());
      rows_.push_back({slot.id, stage_key(slot.id) + "/", old < before.size() ? before[old].channels : empty_});
      rows_.back().channels.resize(to_size(width(slot.block)), 0.0);
      value_.push_back(old < value.size() ? value[old] : 0.0);
      fresh_.resize(std::max(fresh_.size(), rows_.back().channels.size()));
    }
  }

  /// `score(key of the stage with a slash behind it, channels)` adds to the channels, which are 0, and returns the
  /// stage's score.
  template <class Score>
  void observe(const Stack<Stage>& list, Score&& score) {
    align(list);
    observe_aligned(score);
  }
  /// The same for the stages of the last `align`.
  template <class Score>
  void observe_aligned(Score&& score) {
    for (std::size_t s = 0; s < rows_.size(); ++s) {
      auto& channels = rows_[s].channels;
      const std::span<double> fresh = std::span(fresh_).first(channels.size());
      std::fill(fresh.begin(), fresh.end(), 0.0);
      value_[s] = momentum_ * value_[s] + (1 - momentum_) * score(rows_[s].prefix, fresh);
      for (std::size_t c = 0; c < channels.size(); ++c)
        channels[c] = momentum_ * channels[c] + (1 - momentum_) * fresh[c];
    }
  }

  /// One value a stage, in order. Empty before the first `align`.
  std::span<const double> values() const { return value_; }
  /// One value a channel of the stage at this position.
  std::span<const double> channels(Index stage) const { return rows_.at(to_size(stage)).channels; }

  /// Goes on from the stages' values alone, in the net's order; those of the channels start again at 0.
  void restore(std::vector<double> values) {
    rows_.clear();
    value_ = std::move(values);
  }
  StageScoresRecord record() const {
    StageScoresRecord r{{}, value_, {}};
    for (const Row& row : rows_) {
      r.stage.push_back(row.id);
      r.channel.push_back(row.channels);
    }
    return r;
  }
  /// Throws: Error when the lists have different lengths.
  void restore(const StageScoresRecord& r) {
    require(r.stage.size() == r.value.size() && r.stage.size() == r.channel.size(),
            "the lists of these sensitivities have different lengths", "StageScores::restore",
            "restore them as `record` gave them");
    restore(r.value);
    for (std::size_t s = 0; s < r.stage.size(); ++s)
      rows_.push_back({r.stage[s], stage_key(r.stage[s]) + "/", r.channel[s]});
    fresh_.clear();
    for (const Row& row : rows_) fresh_.resize(std::max(fresh_.size(), row.channels.size()));
  }

 private:
  struct Row {
    Index id = 0;
    std::string prefix;
    std::vector<double> channels;
  };
  bool aligned(const Stack<Stage>& list) const {
    return std::equal(rows_.begin(), rows_.end(), list.slots.begin(), list.slots.end(), [](auto& row, auto& slot) {
      return row.id == slot.id && static_cast<Index>(row.channels.size()) == width(slot.block);
    });
  }

  double momentum_;
  std::vector<Row> rows_;
  std::vector<double> value_, fresh_, empty_;
};

}  // namespace sseg

SSEG_FIELDS(sseg::StageScoresRecord, stage, value, channel);

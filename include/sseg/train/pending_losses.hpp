#pragma once
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "sseg/backend/backlog.hpp"
#include "sseg/concepts/loss_value.hpp"
#include "sseg/train/loss_scaling.hpp"
#include "sseg/train/loss_shares.hpp"
#include "sseg/train/mean_loss.hpp"

namespace sseg {

/// The losses of steps that a device has not been asked for yet: of each step its own, and those of other passes that
/// belong to it. The order in which they were noted is the one in which an error is looked for.
class PendingLosses final : public LossValue::Source {
 public:
  static constexpr Index most_parts = 3;  ///< of a step: its own, and two paths

  /// Begins a step. What was noted of one that has failed is forgotten.
  void start() {
    noted_ = 0;
    step_.clear();
  }
  /// Copies what a pass has left, before another uses the place. The step's own comes first; none of the others has
  /// more terms. Always to the same place: belongs to the step's gathered work.
  template <class B>
  void note(B& backend, const LossPart& part) {
    const Index terms = static_cast<Index>(part.sums.size() + part.overflow.size());
    if (step_.empty()) reserve_for(backend, row_, most_parts * terms);
    Index at = noted_;
    for (const std::span<const double> piece : {part.sums, part.overflow}) {
      if (piece.empty()) continue;
      backend.memory()->copy(row_.data() + at, piece.data(), piece.size_bytes());
      at += static_cast<Index>(piece.size());
    }
    noted_ = at;
    step_.push_back({part.shares, part.sums.size(), !part.overflow.empty()});
  }
  /// The step is complete. Waits once in Backlog::most_rows steps, and when steps get other parts than before.
  template <class B>
  void put_aside(B& backend) {
    if (numbers_.rows() > 0 && numbers_.count() != noted_) settle();
    numbers_.put(backend, row_.data(), std::exchange(noted_, 0));
    steps_.push_back(std::exchange(step_, {}));
    if (numbers_.full()) settle();
  }

  double last_loss() override {
    settle();
    return last_;
  }
  /// Brings all over and adds the steps' own to the mean, in their order. Throws: Error at the first that is not
  /// finite.
  void add_to(MeanLoss& mean) {
    settle();
    for (const double value : values_) mean.add(value);
    values_.clear();
  }
  void settle() {
    std::size_t at = 0;
    const auto steps = std::exchange(steps_, {});
    numbers_.take([&](std::span<const double> row) {
      bool own = true;
      for (const Part& part : steps[at++]) {
        if (own) last_ = std::numeric_limits<double>::quiet_NaN();  // what a second look finds after an error
        const double value = look_at(part, row);
        if (std::exchange(own, false)) values_.push_back(last_ = value);
      }
    });
  }

 private:
  struct Part {
    LossShares shares;
    std::size_t sums;
    bool scaled;
  };
  /// Takes the part's numbers from the row.
  static double look_at(const Part& part, std::span<const double>& row) {
    const double value = part.shares.loss(row.first(part.sums));
    row = row.subspan(part.sums);
    if (part.scaled) {
      check_overflow(row.front());
      row = row.subspan(1);
    }
    return value;
  }

  Buffer<double> row_;  ///< of the step that is being made
  Index noted_ = 0;
  std::vector<Part> step_;
  Backlog<double> numbers_;
  std::vector<std::vector<Part>> steps_;  ///< of those in numbers_
  std::vector<double> values_;            ///< of those that came over and were not added yet
  double last_ = 0;
};

}  // namespace sseg

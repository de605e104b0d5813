#pragma once
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "sseg/backend/backlog.hpp"
#include "sseg/concepts/loss_value.hpp"
#include "sseg/train/mean_loss.hpp"
#include "sseg/train/step.hpp"

namespace sseg {

/// The losses of steps that a device has not been asked for yet.
class PendingLosses final : public LossValue::Source {
 public:
  /// Adds that of the step that `step` has just started. Waits once in Backlog::most_rows steps.
  template <class T, class B>
  void put(B& backend, const Step<T>& step) {
    shares_.push_back(step.shares());
    sums_.put(backend, step.sums().data(), step.sums().size());
    if (sums_.full()) settle();
  }
  double last_loss() override {
    settle();
    return last_;
  }
  /// Brings all over and adds them to the mean, in the order of their steps.
  void add_to(MeanLoss& mean) {
    settle();
    for (const double value : values_) mean.add(value);
    values_.clear();
  }

 private:
  void settle() {
    std::size_t at = 0;
    const auto shares = std::exchange(shares_, {});
    sums_.take([&](std::span<const double> sums) { values_.push_back(last_ = shares[at++].loss(sums)); });
  }

  Backlog<double> sums_;
  std::vector<LossShares> shares_;  ///< of those in sums_
  std::vector<double> values_;      ///< of those that came over and were not added yet
  double last_ = 0;
};

}  // namespace sseg

#pragma once
#include <atomic>

#include "sseg/concepts/callback.hpp"
#include "sseg/core/error.hpp"
#include "sseg/evolve/history.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// When training no longer helps.
struct EarlyStopConfig {
  Index patience = 0;  ///< probes in a row without a gain, after which the run ends; 0: never
  double min_gain = 0.002;
  bool operator==(const EarlyStopConfig&) const = default;
};

/// Callback that ends the run when the probe has not risen, by `min_gain` or more, above its best for `patience`
/// probes. A mutation starts the count anew, since the net that grew has not been trained yet: with growth, give more
/// patience than the Plateau has.
class EarlyStop {
 public:
  /// `stop` becomes true; it is the flag given to Fit::run and must outlive this. Throws: Error for negative numbers.
  EarlyStop(EarlyStopConfig config, std::atomic<bool>& stop) : config_(config), stop_(&stop) {
    require(config.patience >= 0 && config.min_gain >= 0, "early stopping needs no negative numbers", "EarlyStop",
            "give patience >= 1, or 0 to turn it off, and min_gain >= 0");
  }

  void on_probe(const ProbeInfo& p) {
    count(p.at.step, p.probe);
    if (config_.patience == 0 || stale_ < config_.patience) return;
    stopped_ = true;
    stop_->store(true, std::memory_order_relaxed);
  }
  /// A look at the probe that an earlier part of the run took: counted, stops nothing. What a resumed run begins with.
  void count(Index step, double probe) {
    ++stale_;
    if (best_step_ >= 0 && (probe <= best_ || probe < best_ + config_.min_gain)) return;
    best_ = probe;
    best_step_ = step;
    stale_ = 0;
  }
  void on_mutation(const MutationRecord&) { stale_ = 0; }

  /// This is what ended the run.
  bool stopped() const { return stopped_; }
  /// The last probe that counted as a gain, and its step (−1: no probe yet).
  double best() const { return best_; }
  Index best_step() const { return best_step_; }

 private:
  EarlyStopConfig config_;
  std::atomic<bool>* stop_;
  double best_ = 0;
  Index best_step_ = -1, stale_ = 0;
  bool stopped_ = false;
};

}  // namespace sseg

SSEG_FIELDS(sseg::EarlyStopConfig, patience, min_gain);

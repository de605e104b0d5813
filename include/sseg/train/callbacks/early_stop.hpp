#pragma once
#include <atomic>

#include "sseg/concepts/callback.hpp"
#include "sseg/core/error.hpp"
#include "sseg/evolve/history.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/train/stop_memory.hpp"

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
  /// `stop` becomes true; it is the flag given to Fit::run and must outlive this, as must `memory`, the training
  /// state's: a resumed run goes on counting, and one that had run out of patience ends at once. Throws: Error for
  /// negative numbers.
  EarlyStop(EarlyStopConfig config, std::atomic<bool>& stop, StopMemory& memory)
      : config_(config), stop_(&stop), memory_(&memory) {
    require(config.patience >= 0 && config.min_gain >= 0, "early stopping needs no negative numbers", "EarlyStop",
            "give patience >= 1, or 0 to turn it off, and min_gain >= 0");
    stop_when_due();
  }

  void on_probe(const ProbeInfo& p) {
    StopMemory& m = *memory_;
    ++m.stale;
    if (m.best_step < 0 || (p.probe > m.best && p.probe >= m.best + config_.min_gain)) m = {p.probe, p.at.step, 0};
    stop_when_due();
  }
  void on_mutation(const MutationRecord&) { memory_->stale = 0; }

  /// This is what ended the run.
  bool stopped() const { return stopped_; }

 private:
  void stop_when_due() {
    if (config_.patience == 0 || memory_->stale < config_.patience) return;
    stopped_ = true;
    stop_->store(true, std::memory_order_relaxed);
  }

  EarlyStopConfig config_;
  std::atomic<bool>* stop_;
  StopMemory* memory_;
  bool stopped_ = false;
};

}  // namespace sseg

SSEG_FIELDS(sseg::EarlyStopConfig, patience, min_gain);

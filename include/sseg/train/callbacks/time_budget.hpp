#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>

#include "sseg/concepts/callback.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/progress.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// How long training may take.
struct TimeBudgetConfig {
  double seconds = 0;  ///< of wall-clock time; 0: no limit
  double warn = 0.5;   ///< share of the budget after which a run that will not reach its last step says so, once
  bool operator==(const TimeBudgetConfig&) const = default;
};

/// Callback that ends the run before a wall-clock budget is exceeded: when what is left is shorter than the longest of
/// the recent steps, the probe, mutation and checkpoint behind a step counted with it. The budget begins with the
/// construction. Not foreseen: a step longer than those before (the first ones behind a mutation), and what runs after
/// the last step.
class TimeBudget {
 public:
  using Clock = std::function<double()>;  ///< seconds since any fixed moment

  static double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

  /// `stop` becomes true; it is the flag given to Fit::run and must outlive this. The warning goes to `out`.
  /// Throws: Error for a negative budget.
  TimeBudget(TimeBudgetConfig config, std::atomic<bool>& stop, std::FILE* out = stderr, Clock clock = steady_seconds)
      : config_(config), stop_(&stop), out_(out), clock_(std::move(clock)), start_(clock_()) {
    require(config.seconds >= 0 && config.warn >= 0, "a budget of time cannot be negative", "TimeBudget",
            "give seconds > 0, or 0 for no limit");
  }

  void on_step(const StepInfo& s) {
    if (config_.seconds == 0) return;
    const double now = clock_();
    if (steps_ > 0) longest_ = std::max(now - last_, longest_ * forget);
    if (steps_ == 0) first_ = now;
    last_ = now;
    ++steps_;
    const double left = config_.seconds - (now - start_);
    if (left <= longest_ && s.at.step < s.at.steps) {
      stopped_ = true;
      stop_->store(true, std::memory_order_relaxed);
    }
    warn(s.at, left);
  }

  /// This is what ended the run.
  bool stopped() const { return stopped_; }

 private:
  /// Of the longest step, at each step: half after 700 steps, so that a single hitch does not cut the run short.
  static constexpr double forget = 0.999;

  void warn(Progress at, double left) {
    if (warned_ || stopped_ || steps_ < 2 || left > (1 - config_.warn) * config_.seconds) return;
    const double each = (last_ - first_) / static_cast<double>(steps_ - 1);
    const double needed = each * static_cast<double>(at.steps - at.step);
    if (needed <= left) return;
    warned_ = true;
    std::fprintf(out_, "  step %td of %td: %s of the budget of %s are left, the run needs %s; it will end early\n",
                 at.step, at.steps, clock_text(left).c_str(), clock_text(config_.seconds).c_str(),
                 clock_text(needed).c_str());
    std::fflush(out_);
  }

  TimeBudgetConfig config_;
  std::atomic<bool>* stop_;
  std::FILE* out_;
  Clock clock_;
  double start_, first_ = 0, last_ = 0, longest_ = 0;
  Index steps_ = 0;
  bool warned_ = false, stopped_ = false;
};

}  // namespace sseg

SSEG_FIELDS(sseg::TimeBudgetConfig, seconds, warn);

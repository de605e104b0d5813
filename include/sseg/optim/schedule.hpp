#pragma once
#include <cmath>
#include <numbers>

#include "sseg/concepts/scheduler.hpp"

namespace sseg {

/// The same value throughout.
struct Constant {
  float value = 1.f;
  bool operator==(const Constant&) const = default;
  float operator()(Progress) const { return value; }
};

/// floor + (peak − floor)·(1 + cos(π·step/steps))/2 (Loshchilov & Hutter 2017): peak at the start, floor at the end.
struct Cosine {
  float peak = 1.f, floor = 0.f;
  bool operator==(const Cosine&) const = default;
  float operator()(Progress p) const {
    const double done = static_cast<double>(p.step) / static_cast<double>(p.steps);
    return floor + (peak - floor) * static_cast<float>(0.5 * (1 + std::cos(std::numbers::pi * done)));
  }
};

/// Linear warm-up over the first `steps` steps (value·(step+1)/steps), then `inner` over what remains.
template <Scheduler Inner>
struct Warmup {
  Index steps = 0;
  Inner inner{};
  bool operator==(const Warmup&) const = default;
  float operator()(Progress p) const {
    if (p.step < steps) return inner({0, p.steps}) * static_cast<float>(p.step + 1) / static_cast<float>(steps);
    return inner({p.step - steps, p.steps > steps ? p.steps - steps : 1});
  }
};

/// from + (to − from)·step/(share·steps) over the first `share` of the run, then `to`. (DINO's teacher temperature;
/// the name Linear belongs to the layer.)
struct Ramp {
  float from = 0.f, to = 1.f;
  float share = 1.f;  ///< of the run; 0: `to` from the start
  bool operator==(const Ramp&) const = default;
  float operator()(Progress p) const {
    const double end = static_cast<double>(share) * static_cast<double>(p.steps), at = static_cast<double>(p.step);
    if (at >= end) return to;
    return static_cast<float>(static_cast<double>(from) + static_cast<double>(to - from) * at / end);
  }
};

/// The momentum of an averaged teacher (Caron et al. 2021): to − (to − from)·(1 + cos(π·step/steps))/2, which for
/// to = 1 is m = 1 − (1 − from)·(1 + cos(π·step/steps))/2. At the end of the run it stays at `to`.
struct MomentumCosine {
  float from = 0.996f, to = 1.f;
  bool operator==(const MomentumCosine&) const = default;
  float operator()(Progress p) const {
    if (p.step >= p.steps) return to;
    const double done = static_cast<double>(p.step) / static_cast<double>(p.steps);
    const double left = static_cast<double>(to) - static_cast<double>(from);
    return static_cast<float>(static_cast<double>(to) - left * 0.5 * (1 + std::cos(std::numbers::pi * done)));
  }
};

/// A learning rate is multiplied by `factor` while a net recovers from a mutation that changed its function: linear,
/// (since + 1)/steps, then 1. Not a schedule of the run: its argument depends on when the net was mutated.
struct Rewarm {
  Index steps = 0;  ///< 0: off
  bool operator==(const Rewarm&) const = default;
  /// `steps_since`: steps done since the last such mutation; negative: there was none.
  float factor(Index steps_since) const {
    if (steps_since < 0 || steps_since >= steps) return 1.f;
    return static_cast<float>(steps_since + 1) / static_cast<float>(steps);
  }
};

static_assert(Scheduler<Warmup<Cosine>> && Scheduler<Constant> && Scheduler<Ramp> && Scheduler<MomentumCosine>);

}  // namespace sseg

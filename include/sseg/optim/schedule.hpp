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

static_assert(Scheduler<Warmup<Cosine>> && Scheduler<Constant>);

}  // namespace sseg

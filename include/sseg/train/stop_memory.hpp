#pragma once
#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// What early stopping remembers between looks at the probe.
struct StopMemory {
  double best = 0;       ///< the last probe that counted as a gain
  Index best_step = -1;  ///< and its step; −1: no probe yet
  Index stale = 0;       ///< looks since then, or since the last mutation
  bool operator==(const StopMemory&) const = default;
};

}  // namespace sseg

SSEG_FIELDS(sseg::StopMemory, best, best_step, stale);

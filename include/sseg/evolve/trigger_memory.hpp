#pragma once
#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// What a trigger remembers between probes; part of a checkpoint. One type for all triggers, so that a run can be
/// resumed with another one.
struct TriggerMemory {
  double best = -1;    ///< highest probe that counted as a gain
  Index stale = 0;     ///< probes since then
  Index since = 0;     ///< probes since the last mutation
  Index seen = 0;      ///< probes in all
  bool asked = false;  ///< somebody outside wants a mutation (Manual)
  bool operator==(const TriggerMemory&) const = default;
};

}  // namespace sseg

SSEG_FIELDS(sseg::TriggerMemory, best, stale, since, seen, asked);

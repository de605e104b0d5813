#pragma once
#include <algorithm>
#include <vector>

#include "sseg/evolve/trigger_memory.hpp"

namespace sseg {

/// The listed schedule: a mutation at the first probe at or after each of `steps`. Probes come every `probe_every`
/// steps, as the training run is set. Steps that fall to one probe make one mutation.
struct AtSteps {
  std::vector<Index> steps{};
  Index probe_every = 100;
  bool operator==(const AtSteps&) const = default;
  using Memory = TriggerMemory;

  bool due(Memory& m, double) const {
    const Index last = m.seen * probe_every, now = ++m.seen * probe_every;
    ++m.since;
    return std::any_of(steps.begin(), steps.end(), [&](Index s) { return last < s && s <= now; });
  }
  void mutated(Memory& m) const { m.since = 0; }
};

}  // namespace sseg

SSEG_FIELDS(sseg::AtSteps, steps, probe_every);

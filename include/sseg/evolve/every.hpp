#pragma once
#include "sseg/evolve/trigger_memory.hpp"

namespace sseg {

/// The fixed schedule: a mutation every `probes` probes, whatever they say.
struct Every {
  Index probes = 5;
  bool operator==(const Every&) const = default;
  using Memory = TriggerMemory;

  bool due(Memory& m, double) const {
    ++m.seen;
    ++m.since;
    return m.since >= probes;
  }
  void mutated(Memory& m) const { m.since = 0; }
};

}  // namespace sseg

SSEG_FIELDS(sseg::Every, probes);

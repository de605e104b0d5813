#pragma once
#include "sseg/evolve/trigger_memory.hpp"

namespace sseg {

/// Decides when to mutate: the probe has not risen by `min_gain` above its best for `patience` probes, or `max_wait`
/// probes have passed since the last mutation. The probe is a fixed held-out measure, never the training loss, which
/// is not comparable across mutations. Nothing happens in the first `first` probes.
struct Plateau {
  Index patience = 3;
  double min_gain = 0.005;
  Index max_wait = 10;  ///< 0: wait for ever
  Index first = 1;
  bool operator==(const Plateau&) const = default;

  using Memory = TriggerMemory;

  /// Takes a probe value; true: mutate now. The caller reports a mutation with `mutated`.
  bool due(Memory& m, double probe) const {
    ++m.seen;
    ++m.since;
    if (probe >= m.best + min_gain) {
      m.best = probe;
      m.stale = 0;
    } else {
      ++m.stale;
    }
    if (m.seen <= first) return false;
    return m.stale >= patience || (max_wait > 0 && m.since >= max_wait);
  }
  void mutated(Memory& m) const { m.stale = m.since = 0; }
};

}  // namespace sseg

SSEG_FIELDS(sseg::Plateau, patience, min_gain, max_wait, first);

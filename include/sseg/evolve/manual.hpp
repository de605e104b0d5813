#pragma once
#include "sseg/evolve/trigger_memory.hpp"

namespace sseg {

/// Mutates at the next probe after somebody asked: `Manual::ask(state.plateau)`. Where no mutation is possible the wish
/// is spent.
struct Manual {
  bool operator==(const Manual&) const = default;
  using Memory = TriggerMemory;

  static void ask(Memory& m) { m.asked = true; }
  bool due(Memory& m, double) const {
    ++m.seen;
    ++m.since;
    return m.asked;
  }
  void mutated(Memory& m) const {
    m.since = 0;
    m.asked = false;
  }
};

}  // namespace sseg

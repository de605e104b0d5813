#pragma once
#include <variant>

#include "sseg/evolve/at_steps.hpp"
#include "sseg/evolve/every.hpp"
#include "sseg/evolve/manual.hpp"
#include "sseg/evolve/plateau.hpp"

namespace sseg {

/// Never mutates: the net keeps its shape.
struct Never {
  bool operator==(const Never&) const = default;
  using Memory = TriggerMemory;
  bool due(Memory& m, double) const {
    ++m.seen;
    ++m.since;
    return false;
  }
  void mutated(Memory& m) const { m.since = 0; }
};

/// One of the triggers, chosen at run time, itself a trigger: a configuration decides, and the training code is
/// compiled once.
struct AnyTrigger {
  std::variant<Plateau, Every, AtSteps, Manual, Never> chosen{};
  bool operator==(const AnyTrigger&) const = default;
  using Memory = TriggerMemory;

  bool due(Memory& m, double probe) const {
    return std::visit([&](const auto& t) { return t.due(m, probe); }, chosen);
  }
  void mutated(Memory& m) const {
    std::visit([&](const auto& t) { t.mutated(m); }, chosen);
  }
};

}  // namespace sseg

#pragma once
#include "sseg/ssl/collapse_report.hpp"

namespace sseg {

/// What a CollapseMonitor remembers between looks; part of a checkpoint.
struct CollapseMemory {
  Collapse candidate = Collapse::healthy;  ///< verdict of the last look
  Index agreeing = 0;                      ///< looks in a row with that verdict
  Collapse confirmed = Collapse::healthy;  ///< verdict of the last `patience` looks that agreed
  bool operator==(const CollapseMemory&) const = default;
};

}  // namespace sseg

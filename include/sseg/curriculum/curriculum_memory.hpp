#pragma once
#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Where a self-paced curriculum stands; a part of the training state.
struct CurriculumMemory {
  Index level = 0;   ///< being learned; 0: not begun
  double best = -1;  ///< the probe that gains on this level are counted from
  Index stale = 0;   ///< probes since
  Index seen = 0;    ///< probes on this level
  bool operator==(const CurriculumMemory&) const = default;
};

}  // namespace sseg

SSEG_FIELDS(sseg::CurriculumMemory, level, best, stale, seen);

#pragma once
#include "sseg/core/shape.hpp"

namespace sseg {

/// What a pickle may ask for before it is refused; the bytes of texts and arrays are bounded by those of the pickle.
struct PickleLimits {
  Index steps = Index{1} << 22;  ///< opcodes, and so values, items and memo entries: about 100 bytes of memory each
  Index depth = 64;              ///< lists within lists
};

}  // namespace sseg

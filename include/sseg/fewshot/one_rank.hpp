#pragma once
#include <span>

#include "sseg/core/shape.hpp"

namespace sseg {

/// Work that is not shared: stands where several processes that each do a part may (train/all_ranks.hpp).
struct OneRank {
  Index rank() const { return 0; }
  Index size() const { return 1; }
  template <class T>
  void sum(std::span<T>) const {}
};

}  // namespace sseg

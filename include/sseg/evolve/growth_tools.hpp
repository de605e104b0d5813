#pragma once
#include <functional>

#include "sseg/evolve/growing.hpp"

namespace sseg {

/// What choosing a mutation may need from outside, where training and clocks are. Empty ones are not there.
template <class Net, class T>
struct GrowthTools {
  /// Trains a fork for a few steps and measures it; higher is better. Must not touch the run itself, and must give
  /// every fork the same batches.
  std::function<double(const Growing<Net, T>& fork)> trial{};
  /// Milliseconds of the net for one image, see evolve/latency.hpp.
  std::function<double(const Net&)> milliseconds{};
};

}  // namespace sseg

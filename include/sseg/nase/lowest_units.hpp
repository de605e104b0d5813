#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sseg/core/shape.hpp"

namespace sseg {

/// A group of units of which one at least must be kept: units first … first + count − 1.
struct UnitLayer {
  std::string name;
  Index first = 0, count = 0;
  bool scored = true;  ///< without scores a layer keeps everything and does not count
};

/// How many of `units` go when the share `keep` stays: ⌊(1 − keep)·units⌋, forgiving the last digits of `keep`.
inline Index units_removed(Index units, double keep) {
  return static_cast<Index>((1 - keep) * static_cast<double>(units) + 1e-6);
}

/// Sets kept = 0 for the `wanted` units of lowest score in these layers: those up to the wanted-th smallest; of equal
/// scores the later goes first. The best unit of every layer stays, so fewer may go: at most all but one a layer.
/// `order` is scratch. Does not allocate once `order` has the capacity.
inline void remove_lowest(std::span<const UnitLayer> layers, std::span<const double> score, Index wanted,
                          std::vector<Index>& order, std::span<std::uint8_t> kept) {
  order.clear();
  for (const UnitLayer& layer : layers) {
    if (!layer.scored) continue;
    Index best = layer.first;
    for (Index u = layer.first; u < layer.first + layer.count; ++u)
      if (score[to_size(u)] > score[to_size(best)]) best = u;
    for (Index u = layer.first; u < layer.first + layer.count; ++u)
      if (u != best) order.push_back(u);
  }
  const auto goes_first = [&](Index a, Index b) {
    const double x = score[to_size(a)], y = score[to_size(b)];
    return x < y || (x == y && a > b);
  };
  const Index k = std::min(wanted, static_cast<Index>(order.size()));
  std::nth_element(order.begin(), order.begin() + k, order.end(), goes_first);
  for (Index i = 0; i < k; ++i) kept[to_size(order[to_size(i)])] = 0;
}

}  // namespace sseg

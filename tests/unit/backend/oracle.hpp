#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/core/rng.hpp"
#include "support/catch.hpp"

/// Random tensors in float, their copies in double for the oracle `Reference<double>`, and canaries round outputs.
namespace oracle {

using sseg::Index;
using sseg::Rng;
using sseg::to_size;

inline std::vector<float> random(Index count, std::uint64_t seed, float low = -1, float high = 1) {
  Rng rng = Rng(20240601).split(seed);
  std::vector<float> v(to_size(count));
  for (float& x : v) x = rng.uniform(low, high);
  return v;
}
/// Multiples of 1/16: values that are equal or far apart, so that a maximum is the same in float and in double.
inline std::vector<float> coarse(Index count, std::uint64_t seed) {
  std::vector<float> v = random(count, seed, -3, 3);
  for (float& x : v) x = std::round(x * 16) / 16;
  return v;
}
inline std::vector<double> widen(const std::vector<float>& v) { return {v.begin(), v.end()}; }

/// Largest difference relative to the largest magnitude of the expected values (0 when all of them are 0 and equal), or
/// to `size` where that is larger: the magnitude of what was summed, for sums that may cancel.
inline double distance(const std::vector<double>& expected, const std::vector<float>& actual, double size = 0) {
  REQUIRE(expected.size() == actual.size());
  double difference = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference = std::max(difference, std::abs(expected[i] - static_cast<double>(actual[i])));
    size = std::max(size, std::abs(expected[i]));
    if (!std::isfinite(actual[i])) return 1e30;
  }
  return size > 0 ? difference / size : difference;
}

/// A float tensor between two guards; `whole()` tells whether anything was written outside it.
class Guarded {
 public:
  explicit Guarded(const std::vector<float>& start)
      : count_(static_cast<Index>(start.size())), all_(2 * guard, canary) {
    all_.insert(all_.begin() + guard, start.begin(), start.end());
  }
  explicit Guarded(Index count, float fill = 77.f) : Guarded(std::vector<float>(to_size(count), fill)) {}
  float* data() { return all_.data() + guard; }
  std::vector<float> values() const { return {all_.begin() + guard, all_.end() - guard}; }
  bool whole() const {
    return std::all_of(all_.begin(), all_.begin() + guard, [](float x) { return x == canary; }) &&
           std::all_of(all_.end() - guard, all_.end(), [](float x) { return x == canary; });
  }

 private:
  static constexpr int guard = 67;
  static constexpr float canary = -12345.f;
  Index count_;
  std::vector<float> all_;
};

/// Float rounding of a sum of `terms` products in any order, relative to its magnitude: a random walk of roundings,
/// with a margin of 8 for the largest of many sums and for cancellation in the magnitude it is compared with.
inline double sum_tolerance(Index terms) {
  return 6e-8 * 8 * std::sqrt(static_cast<double>(std::max<Index>(terms, 1)));
}

/// Element-wise formulas: a few roundings.
inline constexpr double few_roundings = 1e-6;

}  // namespace oracle

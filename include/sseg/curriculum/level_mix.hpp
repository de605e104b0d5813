#pragma once
#include <array>
#include <cmath>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// Shares of the four levels of difficulty in a batch; they add up to 1. `share[l]` is level l + 1's.
struct LevelMix {
  static constexpr Index levels = 4;

  std::array<double, static_cast<std::size_t>(levels)> share{1, 0, 0, 0};
  bool operator==(const LevelMix&) const = default;

  double operator[](Index level) const { return share[to_size(level - 1)]; }
  double& operator[](Index level) { return share[to_size(level - 1)]; }

  /// Σ level · share, 1 to 4.
  double mean_level() const {
    double sum = 0;
    for (Index l = 1; l <= levels; ++l) sum += static_cast<double>(l) * (*this)[l];
    return sum;
  }

  /// How many images of each level a batch holds: shares of it, rounded so that they add up to the batch (largest
  /// remainders first, lower levels before higher ones). Throws: Error when the shares are no shares.
  std::array<Index, static_cast<std::size_t>(levels)> counts(Index batch) const {
    std::array<Index, static_cast<std::size_t>(levels)> count{};
    std::array<double, static_cast<std::size_t>(levels)> rest{};
    double sum = 0;
    Index given = 0;
    for (std::size_t l = 0; l < share.size(); ++l) {
      require(share[l] >= 0 && share[l] <= 1 + 1e-9, "a share lies outside 0 to 1", "LevelMix", "give shares");
      const double exact = share[l] * static_cast<double>(batch);
      count[l] = static_cast<Index>(std::floor(exact + 1e-9));
      rest[l] = exact - static_cast<double>(count[l]);
      sum += share[l], given += count[l];
    }
    require(std::abs(sum - 1) < 1e-6, "the shares do not add up to 1", "LevelMix", "give shares that do");
    for (; given < batch; ++given) {
      std::size_t most = 0;
      for (std::size_t l = 1; l < rest.size(); ++l)
        if (rest[l] > rest[most] + 1e-9) most = l;
      ++count[most], rest[most] -= 1;
    }
    return count;
  }
};

}  // namespace sseg

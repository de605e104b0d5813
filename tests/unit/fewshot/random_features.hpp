#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "sseg/core/rng.hpp"
#include "sseg/fewshot/base_statistics.hpp"
#include "sseg/fewshot/features.hpp"
#include "support/catch.hpp"

namespace sseg_test {

inline sseg::Features random_features(sseg::Index n, sseg::Index dim, std::uint64_t seed = 1) {
  sseg::Features f{dim, sseg::Buffer<float>(n * dim)};
  sseg::Rng rng(seed);
  for (float& v : f.rows) v = rng.normal();
  return f;
}

/// A mean and a full lower triangle.
inline sseg::BaseStatistics random_statistics(sseg::Index dim, sseg::Index channels) {
  sseg::BaseStatistics base;
  sseg::Rng rng(5);
  for (sseg::Index d = 0; d < dim; ++d) base.mean.push_back(0.3f * rng.normal());
  for (sseg::Index i = 0; i < channels; ++i)
    for (sseg::Index j = 0; j < channels; ++j) base.whitening.push_back(j > i ? 0 : rng.normal());
  return base;
}

inline double furthest(const sseg::Features& a, const sseg::Features& b) {
  REQUIRE(a.rows.size() == b.rows.size());
  double most = 0;
  for (sseg::Index i = 0; i < a.rows.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a.rows[i]) - static_cast<double>(b.rows[i])));
  return most;
}

}  // namespace sseg_test

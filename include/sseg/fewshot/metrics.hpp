#pragma once
#include <cmath>
#include <span>

#include "sseg/core/shape.hpp"

namespace sseg {

/// A mean and the half-width of its confidence interval.
struct MeanCi {
  double mean = 0, half_width = 0;
  Index count = 0;
};

namespace detail {

/// The mean with its standard error s/√n as half-width, s with n − 1; 0 for one value.
inline MeanCi mean_and_error(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  if (values.empty()) return {};
  double sum = 0, squares = 0;
  for (const double v : values) sum += v;
  const double mean = sum / n;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return {mean, n > 1 ? std::sqrt(squares / (n - 1) / n) : 0, static_cast<Index>(values.size())};
}

}  // namespace detail

/// Mean of per-episode accuracies and the half-width of its 95 % confidence interval, 1.96·s/√n with the sample
/// standard deviation s (n − 1). It covers the noise of the episodes, not that of the training seed.
inline MeanCi mean_ci95(std::span<const double> values) {
  MeanCi m = detail::mean_and_error(values);
  m.half_width *= 1.96;
  return m;
}

}  // namespace sseg

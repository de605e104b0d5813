#pragma once
#include <span>

#include "sseg/evolve/student_t.hpp"
#include "sseg/fewshot/metrics.hpp"

namespace sseg {

/// Mean of a few values, of seeds or runs say, and the half-width of its 95 % confidence interval, t·s/√n with
/// Student's t of n − 1 degrees of freedom and the sample standard deviation s. One value says nothing of others: its
/// half-width is 0. (Of hundreds of episodes `mean_ci95` says the same.)
inline MeanCi mean_t95(std::span<const double> values) {
  MeanCi m = detail::mean_and_error(values);
  if (m.count > 1) m.half_width *= student_t(0.95, m.count - 1);
  return m;
}

}  // namespace sseg

#pragma once
#include <cmath>
#include <span>

#include "sseg/core/error.hpp"
#include "sseg/evolve/student_t.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Mean of a_i − b_i over matched pairs and the half-width of its 95 % confidence interval.
struct PairedDifference {
  double mean = 0, half_width95 = 0;
  Index n = 0;
  /// The interval does not hold 0.
  bool differs() const { return std::abs(mean) > half_width95; }
  bool operator==(const PairedDifference&) const = default;
};

/// For matched forks: pair i went on from one snapshot over the same batches, `a` with a mutation and `b` without.
/// mean ± t·s/√n with Student's t of n − 1 degrees of freedom and the sample standard deviation s of the differences.
/// Throws: Error when the lists differ in length or have fewer than two values.
inline PairedDifference paired_difference(std::span<const double> a, std::span<const double> b) {
  require(a.size() == b.size() && a.size() >= 2, "matched values need two lists of one length", "paired_difference",
          "give two or more pairs");
  const auto n = static_cast<double>(a.size());
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] - b[i];
  const double mean = sum / n;
  for (std::size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i] - mean) * (a[i] - b[i] - mean);
  const auto count = static_cast<Index>(a.size());
  return {mean, student_t(0.95, count - 1) * std::sqrt(squares / (n - 1) / n), count};
}

}  // namespace sseg

SSEG_FIELDS(sseg::PairedDifference, mean, half_width95, n);

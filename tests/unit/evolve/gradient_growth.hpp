#pragma once
#include <cmath>
#include <vector>

#include "sseg/core/rng.hpp"
#include "sseg/core/view.hpp"

/// What the tests of gradient-informed growth share: numbers, and products with a matrix of double.
namespace gradient_growth {

using namespace sseg;

inline std::vector<double> noise(Index count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<double> x(to_size(count));
  for (double& v : x) v = static_cast<double>(rng.normal());
  return x;
}

/// Row `row` of a, times w.
inline double row_times(View<const double> a, Index row, const std::vector<double>& w) {
  double sum = 0;
  for (Index p = 0; p < a.shape[1]; ++p) sum += a.data[row * a.shape[1] + p] * w[to_size(p)];
  return sum;
}

/// ‖a·w‖
inline double norm_of_product(View<const double> a, const double* w) {
  double squares = 0;
  for (Index r = 0; r < a.shape[0]; ++r) {
    double sum = 0;
    for (Index p = 0; p < a.shape[1]; ++p) sum += a.data[r * a.shape[1] + p] * w[p];
    squares += sum * sum;
  }
  return std::sqrt(squares);
}

}  // namespace gradient_growth

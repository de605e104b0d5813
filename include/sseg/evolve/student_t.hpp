#pragma once
#include <cmath>
#include <numbers>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// P(|t| ≤ x) of Student's t with ν degrees of freedom, x ≥ 0: with θ = atan(x/√ν)
///   ν odd:  (2/π)(θ + sin θ (cos θ + ⅔cos³θ + … ))     ν even:  sin θ (1 + ½cos²θ + … )
/// (Abramowitz & Stegun 1964, 26.7.3–4), a finite sum of ⌊ν/2⌋ terms.
inline double student_t_within(double x, Index degrees) {
  const double theta = std::atan(x / std::sqrt(static_cast<double>(degrees)));
  const double cosine = std::cos(theta);
  const bool odd = degrees % 2 == 1;
  double term = odd ? cosine : 1, sum = 0;
  for (Index k = odd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    term *= cosine * cosine * static_cast<double>(k - 1) / static_cast<double>(k);
  }
  return odd ? 2 / std::numbers::pi * (theta + std::sin(theta) * sum) : std::sin(theta) * sum;
}

/// The x with P(|t| ≤ x) = confidence, by bisection: 12.706 for 0.95 and one degree of freedom, near 1.960 for many.
/// Throws: Error when there is no degree of freedom or the confidence is not in (0, 1).
inline double student_t(double confidence, Index degrees) {
  require(degrees >= 1 && confidence > 0 && confidence < 1, "no such quantile of Student's t", "student_t",
          "give 1 or more degrees of freedom and a confidence between 0 and 1");
  double low = 0, high = 1;
  while (student_t_within(high, degrees) < confidence) high *= 2;
  for (int i = 0; i < 80; ++i) {
    const double middle = (low + high) / 2;
    (student_t_within(middle, degrees) < confidence ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/concepts/protocol.hpp"
#include "support/worse.hpp"

namespace sseg_test {

/// Scores:(queries, way) of a protocol for rows of `dim` values.
template <sseg::Protocol P>
std::vector<float> scores_of(const P& protocol, const std::vector<float>& support,
                             const std::vector<sseg::Index>& label, sseg::Index way, const std::vector<float>& query,
                             sseg::Index dim) {
  const auto queries = static_cast<sseg::Index>(query.size()) / dim;
  const auto supports = static_cast<sseg::Index>(support.size()) / dim;
  std::vector<float> out(sseg::to_size(queries * way), -77.f);
  protocol.classify({{support.data(), {supports, dim}}, label, way, {query.data(), {queries, dim}}},
                    {out.data(), {queries, way}});
  return out;
}

/// Steepest difference between a gradient and central differences of its function, relative to 1.
template <class F>
double gradient_error(const F& f, std::vector<double> at, double width = 1e-6) {
  std::vector<double> gradient(at.size()), unused(at.size());
  f(at, gradient);
  double worst = 0;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const double before = at[i];
    at[i] = before + width;
    const double above = f(at, unused);
    at[i] = before - width;
    const double below = f(at, unused);
    at[i] = before;
    worst = worse(worst, std::abs(gradient[i] - (above - below) / (2 * width)));
  }
  return worst;
}

}  // namespace sseg_test

#pragma once
#include "sseg/core/shape.hpp"

namespace sseg {

/// Moments of a batch whose rows lie on several ranks, equally many on each, from the moments of each rank's rows:
///   μ = mean_r μ_r,   σ² = mean_r (σ²_r + (μ_r − μ)²)     all:(ranks, 2, C), each rank's means and variances
template <class T>
struct RankMoments {
  Index channels, ranks;
  const T* all;
  T* mean;
  T* var;
};

/// The same on the host, in double.
template <class T>
void combine_moments(const RankMoments<T>& a) {
  const double k = static_cast<double>(a.ranks);
  for (Index c = 0; c < a.channels; ++c) {
    double m = 0, v = 0;
    for (Index r = 0; r < a.ranks; ++r) m += static_cast<double>(a.all[2 * r * a.channels + c]);
    m /= k;
    for (Index r = 0; r < a.ranks; ++r) {
      const double off = static_cast<double>(a.all[2 * r * a.channels + c]) - m;
      v += static_cast<double>(a.all[(2 * r + 1) * a.channels + c]) + off * off;
    }
    a.mean[c] = static_cast<T>(m);
    a.var[c] = static_cast<T>(v / k);
  }
}

}  // namespace sseg

#pragma once
#include <cmath>

#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

/// A few numbers a channel: plain loops.
inline void norm_fold(const NormFold<float>& a) {
  for (Index c = 0; c < a.channels; ++c) {
    a.inv_std[c] = 1.f / std::sqrt(a.var[c] + a.eps);
    a.scale[c] = a.gamma[c] * a.inv_std[c];
    a.shift[c] = a.beta[c] - a.mean[c] * a.scale[c];
  }
}

inline void running_update(const RunningUpdate<float>& a) {
  const auto rows = static_cast<float>(a.rows);
  const float unbiased = a.rows > 1 ? rows / (rows - 1) : 1.f;
  for (Index c = 0; c < a.channels; ++c) {
    const Index v = a.channels + c;
    a.next[c] = (1 - a.momentum) * a.old[c] + a.momentum * a.mean[c];
    a.next[v] = (1 - a.momentum) * a.old[v] + a.momentum * unbiased * a.var[c];
  }
}

}  // namespace sseg::cpu

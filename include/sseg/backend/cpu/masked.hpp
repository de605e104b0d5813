#pragma once
#include <cmath>

#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

inline void masked(const MaskedCopy<float>& a) {
  for (Index i = 0; i < a.count; ++i) a.y[i] = (a.mask[i] & a.bit) != 0 ? a.x[i] : 0.f;
}
inline void masked(const MaskedAdd<float>& a) {
  for (Index i = 0; i < a.count; ++i) a.y[i] += (a.mask[i] & a.bit) != 0 ? a.alpha * a.x[i] : 0.f;
}
inline void masked(const MaskedRefill<float>& a) {
  for (Index i = 0; i < a.count; ++i)
    if ((a.mask[i] & a.bit) == 0) a.y[i] = a.x[i];
}

inline void importance_average(const ImportanceAverage<float>& a) {
  const auto average = [&](auto&& score) {
    for (Index i = 0; i < a.count; ++i) a.average[i] = a.keep * a.average[i] + (1 - a.keep) * score(a.g[i], a.w[i]);
  };
  switch (a.score) {
    case ImportanceScore::gradient:
      return average([](float g, float) { return std::abs(g); });
    case ImportanceScore::taylor:
      return average([](float g, float w) { return (g * w) * (g * w); });
    case ImportanceScore::magnitude:
      return average([](float, float w) { return std::abs(w); });
  }
}

}  // namespace sseg::cpu

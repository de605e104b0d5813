#pragma once
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

}  // namespace sseg::cpu

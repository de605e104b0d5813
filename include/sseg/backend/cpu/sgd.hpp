#pragma once
#include "sseg/backend/cpu/elementwise.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

template <int Lanes>
void sgd_update(Threads& threads, const SgdUpdate<float>& a) {
  // The step along e and along m: (0, 1), or with Nesterov's look ahead (1, momentum).
  const float along_e = a.nesterov ? a.rate : 0, along_m = a.nesterov ? a.rate * a.momentum : a.rate;
  over_ranges<Lanes>(threads, a.count, 3 * a.count, [&](Range range) SSEG_INLINE {
    over_lanes<Lanes>(
        range.end,
        [&]<int lanes>(Index i) SSEG_INLINE {
          const Vec<lanes> w = at<lanes>(a.w + i).v;
          const Vec<lanes> e = at<lanes>(a.g + i).v + a.decay * w;
          const Vec<lanes> m = a.momentum * at<lanes>(a.m + i).v + e;
          at<lanes>(a.m + i).v = m;
          at<lanes>(a.w + i).v = w - (along_e * e + along_m * m);
        },
        range.begin);
  });
}

}  // namespace sseg::cpu

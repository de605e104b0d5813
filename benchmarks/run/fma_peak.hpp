#pragma once
#include <ctime>

#include <algorithm>

#include "sseg/backend/cpu/simd.hpp"

/// The machine's fused multiply-add limit, measured beside the kernels so that a percentage survives a shared machine.
namespace bench {

/// CPU seconds of this thread.
inline double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// FLOP/s of independent chains a ← a·b + c, the best of several short runs.
inline double measure_fma_peak() {
  constexpr int lanes = sseg::cpu::native_lanes, chains = 12;
  constexpr long steps = 200000;
  double best = 0;
  for (int run = 0; run < 20; ++run) {
    sseg::cpu::Vec<lanes> a[chains], b = sseg::cpu::Vec<lanes>{} + 0.9999f, c = sseg::cpu::Vec<lanes>{} + 1e-4f;
    sseg::cpu::unroll<chains>([&](auto i)
                                  SSEG_INLINE { a[i] = sseg::cpu::Vec<lanes>{} + 0.1f * static_cast<float>(i); });
    const double start = thread_seconds();
    for (long s = 0; s < steps; ++s) sseg::cpu::unroll<chains>([&](auto i) SSEG_INLINE { a[i] = a[i] * b + c; });
    const double seconds = thread_seconds() - start;
    float sum = 0;
    sseg::cpu::unroll<chains>([&](auto i) SSEG_INLINE { sum += sseg::cpu::sum_lanes<lanes>(a[i]); });
    volatile float sink = sum;
    (void)sink;
    best = std::max(best, 2.0 * lanes * chains * steps / seconds);
  }
  return best;
}

/// Measured once per process.
inline double fma_peak() {
  static const double peak = measure_fma_peak();
  return peak;
}

}  // namespace bench

#pragma once
#include <ctime>

#include <algorithm>

#include "sseg/backend/cpu/isa.hpp"

/// The machine's fused multiply-add limit, measured beside the kernels so that a percentage survives a shared machine.
namespace bench {

/// CPU seconds of this thread.
inline double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Seconds of `steps` rounds of independent chains a ← a·b + c.
template <int Lanes>
double time_chains(long steps) {
  constexpr int chains = 12;
  double seconds = 0;
  float sum = 0;
  sseg::cpu::Isa<Lanes>::call([&]() SSEG_INLINE {
    using V = sseg::cpu::Vec<Lanes>;
    V a[chains];
    const V b = V{} + 0.9999f, c = V{} + 1e-4f;
    SSEG_UNROLL
    for (int i = 0; i < chains; ++i) a[i] = V{} + 0.1f * static_cast<float>(i);
    const double start = thread_seconds();
    for (long s = 0; s < steps; ++s) SSEG_UNROLL
    for (int i = 0; i < chains; ++i) a[i] = a[i] * b + c;
    seconds = thread_seconds() - start;
    SSEG_UNROLL
    for (int i = 0; i < chains; ++i) sum += sseg::cpu::sum_lanes<Lanes>(a[i]);
  });
  volatile float sink = sum;
  (void)sink;
  return seconds;
}

/// FLOP/s with the widest vectors of this CPU, the best of several short runs.
inline double measure_fma_peak() {
  constexpr long steps = 200000;
  double best = 0;
  const auto measure = [&]<int lanes>() {
    if (best > 0 || !sseg::cpu::Isa<lanes>::runs_here()) return;
    for (int run = 0; run < 20; ++run) best = std::max(best, 2.0 * lanes * 12 * steps / time_chains<lanes>(steps));
  };
  measure.template operator()<16>();
  measure.template operator()<8>();
  measure.template operator()<4>();
  return best;
}

/// Measured once per process.
inline double fma_peak() {
  static const double peak = measure_fma_peak();
  return peak;
}

}  // namespace bench

#pragma once
#include "sseg/backend/cpu.hpp"
#include "support/catch.hpp"

/// First line of a test that runs kernels with vectors of `lanes` floats: skips it where this CPU has none.
#define NEEDS_LANES(lanes) \
  if (!sseg::cpu::Isa<lanes>::runs_here()) SSEG_SKIP("this CPU has no " << sseg::cpu::Isa<lanes>::name)

/// f(cpu) for every instruction set that this build and this CPU have, with and without Winograd's algorithm.
template <class AnyCpu, class F>
void on_every_cpu(F&& f) {
  for (const int lanes : {4, 8, 16})
    for (const bool winograd : {true, false}) {
      if (!AnyCpu::has(lanes)) continue;
      INFO("lanes " << lanes << ", winograd " << winograd);
      AnyCpu cpu(sseg::CpuOptions{.threads = 2, .lanes = lanes, .winograd = winograd});
      f(cpu);
    }
}

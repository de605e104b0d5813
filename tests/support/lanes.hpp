#pragma once
#include "sseg/backend/cpu/isa.hpp"
#include "support/catch.hpp"

/// First line of a test that runs kernels with vectors of `lanes` floats: skips it where this CPU has none.
#define NEEDS_LANES(lanes) \
  if (!sseg::cpu::Isa<lanes>::runs_here()) SSEG_SKIP("this CPU has no " << sseg::cpu::Isa<lanes>::name)

#pragma once
#include <string>

#include "sseg/experiment/config.hpp"

namespace sseg {

/// What of a run works on the host alone, so that no backend with memory of its own can train it; empty: nothing.
inline std::string host_only(const RunConfig& c) {
  if (c.evolution.growth.mutations.widen == "grad_max")
    return "evolution.growth.mutations.widen=grad_max: its gradients are looked at on the host";
  return {};
}

}  // namespace sseg

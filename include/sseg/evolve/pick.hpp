#pragma once
#include <optional>

#include "sseg/concepts/mutation.hpp"

namespace sseg {

/// The allowed stage of the highest sensitivity; ties, and a missing signal, are settled by a draw. Empty when no
/// stage is allowed.
template <class Allowed>
std::optional<Index> most_sensitive(Index stages, const Signals& signals, Rng& rng, Allowed&& allowed) {
  std::optional<Index> best;
  Index equals = 0;
  const auto value = [&](Index s) {
    return to_size(s) < signals.sensitivity.size() ? signals.sensitivity[to_size(s)] : 0.0;
  };
  for (Index s = 0; s < stages; ++s) {
    if (!allowed(s)) continue;
    if (!best || value(s) > value(*best)) {
      best = s;
      equals = 1;
    } else if (value(s) == value(*best) && rng.below(++equals) == 0) {
      best = s;
    }
  }
  return best;
}

}  // namespace sseg

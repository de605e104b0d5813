#pragma once
#include <span>

#include "sseg/concepts/backend.hpp"

namespace sseg {

/// What `freeze_weights` gives for a backend that makes no use of it.
struct NothingHeld {};

/// Tells a backend that `weights` will not change while what is returned lives.
template <Backend B>
[[nodiscard]] auto freeze_weights(B& backend, std::span<const typename B::Scalar> weights) {
  if constexpr (Freezes<B>)
    return backend.freeze(weights);
  else
    return NothingHeld{};
}

}  // namespace sseg

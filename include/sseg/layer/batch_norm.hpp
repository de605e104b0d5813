#pragma once
#include "sseg/layer/norm_relu_pool.hpp"

namespace sseg {

/// Batch norm alone: y = γ·(x − μ)/√(σ² + eps) + β per channel (Ioffe & Szegedy 2015).   x, y:(N,H,W,C)
/// The fused layer with its ReLU and pool switched off; statistics, state and keep are described there.
constexpr NormReluPool batch_norm(Index channels, float gamma_init = 1.f) {
  return {.channels = channels, .pool = 1, .relu = false, .gamma_init = gamma_init};
}

}  // namespace sseg

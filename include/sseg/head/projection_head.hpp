#pragma once
#include "sseg/layer/linear.hpp"
#include "sseg/layer/relu.hpp"
#include "sseg/net/chain.hpp"

namespace sseg {

/// The MLP projector of contrastive learning (Chen et al. 2020): z = W₂·relu(W₁·h + b₁) + b₂. Dropped after training.
using ProjectionHead = Chain<Linear, Relu, Linear>;

/// (N, in) → (N, hidden) → (N, out).
constexpr ProjectionHead projection_head(Index in, Index hidden = 256, Index out = 128) {
  return chain(Linear{.in = in, .out = hidden, .gain = 2.f}, Relu{}, Linear{.in = hidden, .out = out});
}

}  // namespace sseg

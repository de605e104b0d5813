#pragma once
#include <type_traits>
#include <vector>

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

/// The head of default sizes, and the one of given sizes (see head/sizes.hpp).
constexpr ProjectionHead build_head(std::type_identity<ProjectionHead>, Index in) { return projection_head(in); }
constexpr ProjectionHead build_head(std::type_identity<ProjectionHead>, Index in, const std::vector<Index>& sizes) {
  return projection_head(in, sizes.at(0), sizes.at(1));
}

}  // namespace sseg

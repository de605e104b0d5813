#pragma once
#include <type_traits>
#include <vector>

#include "sseg/layer/batch_norm_rows.hpp"
#include "sseg/layer/gelu.hpp"
#include "sseg/layer/l2_normalize.hpp"
#include "sseg/layer/linear.hpp"
#include "sseg/layer/weight_norm_linear.hpp"
#include "sseg/net/chain.hpp"

namespace sseg {

/// DINO's head (Caron et al. 2021): MLP to a bottleneck, rows to length 1, then cosines to K prototypes. The MLP starts
/// as Linear layers do, not with the std 0.02 of a vision transformer, and has batch norms, as theirs has when
/// use_bn_in_head is set: features behind a ReLU all point one way, their cosines start near 1, and without the norms
/// the centre leaves a small net nothing to learn from (docs/decisions/0010-batch-norm-in-the-dino-head.md).
using DinoHead = Chain<Linear, BatchNormRows, Gelu, Linear, BatchNormRows, Gelu, Linear, L2Normalize, WeightNormLinear>;

/// (N, in) → hidden → hidden → bottleneck → (N, prototypes).
constexpr DinoHead dino_head(Index in, Index hidden = 256, Index bottleneck = 64, Index prototypes = 512) {
  return chain(Linear{.in = in, .out = hidden, .gain = 2.f}, BatchNormRows{hidden}, Gelu{},
               Linear{.in = hidden, .out = hidden, .gain = 2.f}, BatchNormRows{hidden}, Gelu{},
               Linear{.in = hidden, .out = bottleneck}, L2Normalize{},
               WeightNormLinear{.in = bottleneck, .out = prototypes});
}
constexpr DinoHead build_head(std::type_identity<DinoHead>, Index in) { return dino_head(in); }
constexpr DinoHead build_head(std::type_identity<DinoHead>, Index in, const std::vector<Index>& sizes) {
  return dino_head(in, sizes.at(0), sizes.at(2), sizes.at(3));
}

}  // namespace sseg

#pragma once
#include <type_traits>
#include <vector>

#include "sseg/layer/linear.hpp"
#include "sseg/net/chain.hpp"

namespace sseg {

/// Four logits, one for each quarter turn (Gidaris et al. 2018).
using RotationHead = Chain<Linear>;

constexpr RotationHead rotation_head(Index in) { return chain(Linear{.in = in, .out = 4}); }
constexpr RotationHead build_head(std::type_identity<RotationHead>, Index in) { return rotation_head(in); }
constexpr RotationHead build_head(std::type_identity<RotationHead>, Index in, const std::vector<Index>&) {
  return rotation_head(in);
}

}  // namespace sseg

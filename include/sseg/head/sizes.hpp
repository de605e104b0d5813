#pragma once
#include <tuple>
#include <vector>

#include "sseg/net/chain.hpp"

namespace sseg {

/// The widths of a head's layers, front to back: all that tells two heads of one type apart. Files keep these; the
/// head's `build_head(std::type_identity<Head>, in, sizes)` makes it again.
template <class... Ls>
std::vector<Index> head_sizes(const Chain<Ls...>& head) {
  std::vector<Index> sizes;
  const auto add = [&](const auto& layer) {
    if constexpr (requires { layer.out; }) sizes.push_back(layer.out);
  };
  std::apply([&](const auto&... layer) { (add(layer), ...); }, head.layers);
  return sizes;
}

}  // namespace sseg

#pragma once
#include <string>

#include "sseg/layer/linear.hpp"
#include "sseg/net/chain.hpp"

namespace sseg {

/// Calls f(linear, key of that layer) for the layer through which a head reads the backbone. A head is a Chain that
/// begins with a Linear, so that the backbone can widen under it: `in` grows, and the new columns start at 0.
template <class... Ls, class F>
constexpr void for_each_entry(Chain<Linear, Ls...>& head, const std::string& key, F&& f) {
  f(std::get<0>(head.layers), key + "/0");
}

}  // namespace sseg

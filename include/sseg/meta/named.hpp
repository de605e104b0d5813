#pragma once
#include <string_view>
#include <tuple>

namespace sseg {

/// Calls f with the first element of the tuple whose `name` is `wanted`. Returns false when there is none.
template <class... Ts, class F>
constexpr bool with_named(const std::tuple<Ts...>& list, std::string_view wanted, F&& f) {
  return std::apply(
      [&](const auto&... item) { return ((item.name == wanted && (static_cast<void>(f(item)), true)) || ...); }, list);
}

}  // namespace sseg

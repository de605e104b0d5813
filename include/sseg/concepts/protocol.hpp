#pragma once
#include <concepts>
#include <span>
#include <string_view>
#include <vector>

#include "sseg/core/view.hpp"

namespace sseg {

/// What a few-shot protocol sees: features only, never the net. support:(way·shot, D) with its classes 0 … way-1,
/// query:(Q, D).
struct FewShotTask {
  View<const float> support;
  std::span<const Index> label;
  Index way = 0;
  View<const float> query;
};

/// Classifies queries from labelled support features: fills scores:(Q, way), larger = more likely.
template <class P>
concept Protocol = std::regular<P> && requires(const P p, const FewShotTask& task, View<float> scores) {
  { P::name } -> std::convertible_to<std::string_view>;
  p.classify(task, scores);
};

/// Does a query's score depend on that query and the support alone? A protocol whose scores also depend on the other
/// queries (transductive) says so: `static constexpr bool inductive = false`.
template <class P>
inline constexpr bool inductive_of = [] {
  if constexpr (requires { P::inductive; })
    return P::inductive;
  else
    return true;
}();

}  // namespace sseg

#pragma once
#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "sseg/head/heads.hpp"
#include "sseg/ssl/term.hpp"

namespace sseg {

/// The loss of a run: L = Σ_k w_k(step)·L_k(z_k), every term with its own head on the one backbone.
/// `train/step.hpp` runs it. See docs/tour.md.
template <class... Terms>
struct Objective {
  static_assert(sizeof...(Terms) > 0, "sseg::Objective: needs at least one term.");
  static constexpr std::size_t size = sizeof...(Terms);
  using Heads = sseg::Heads<Terms...>;
  static constexpr std::array<std::string_view, size> names() { return {Terms::name...}; }

  std::tuple<Terms...> terms;
  bool operator==(const Objective&) const = default;

  /// f(std::integral_constant<std::size_t, I>, term) for every term that counts at this step.
  template <class F>
  void each_active(Progress at, F&& f) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((std::get<I>(terms).active(at) ? f(std::integral_constant<std::size_t, I>{}, std::get<I>(terms)) : void()), ...);
    }
    (std::make_index_sequence<size>{});
  }
  bool needs_teacher(Progress at) const {
    bool any = false;
    each_active(at, [&](auto, const auto& term) { any |= term.needs_teacher; });
    return any;
  }
  /// Some active term looks at these pictures.
  bool sees(Sees wanted, Progress at) const {
    bool any = false;
    each_active(at, [&](auto, const auto& term) { any |= term.sees == wanted; });
    return any;
  }
  /// Some term that is on looks at these pictures, now or later.
  bool ever_sees(Sees wanted) const {
    return std::apply([&](const auto&... term) { return ((term.on && term.sees == wanted) || ...); }, terms);
  }
};

/// A head of default sizes for every term that is on, reading `features` features.
template <class... Terms>
Heads<Terms...> make_heads(const Objective<Terms...>& all, Index features) {
  Heads<Terms...> heads;
  const auto add = [&](const auto& term, auto& head, bool& on) {
    on = term.on;
    if (on) head = build_head(std::type_identity<std::remove_cvref_t<decltype(head)>>{}, features);
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (add(std::get<I>(all.terms), std::get<I>(heads.heads), heads.on[I]), ...);
  }
  (std::make_index_sequence<sizeof...(Terms)>{});
  return heads;
}

/// `objective(Term<NtXent>{…}, Term<Dino, DinoHead>{…})`: an Objective with its types deduced.
template <class... Terms>
Objective<Terms...> objective(Terms... terms) {
  return {std::tuple<Terms...>{std::move(terms)...}};
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <array>
#include <concepts>
#include <tuple>
#include <utility>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/buffer.hpp"

namespace sseg {

/// Augmentations one after the other, themselves one augmentation. Pictures between two steps live in two buffers of
/// the calling thread, which grow once. A step that says `idle()` is passed over: it changes no picture and draws
/// nothing, so that a configuration pays only for what it turns on.
template <class... As>
struct Pipeline {
  static_assert(sizeof...(As) > 0, "sseg::Pipeline: needs at least one augmentation.");
  static constexpr std::size_t size = sizeof...(As);
  static constexpr bool steps_ok = []<std::size_t... I>(std::index_sequence<I...>) {
    return (CheckAugmentation<I, As>::ok && ...);
  }
  (std::make_index_sequence<size>{});
  static_assert(steps_ok);

  std::tuple<As...> steps;
  bool operator==(const Pipeline&) const = default;

  constexpr Shape out_shape(Shape s) const {
    std::apply([&](const auto&... step) { ((s = step.out_shape(s)), ...); }, steps);
    return s;
  }

  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    static thread_local std::array<Buffer<float>, 2> between;
    const int busy = std::apply([](const auto&... step) { return (0 + ... + int{!is_idle(step)}); }, steps);
    int i = 0;
    View<const float> from = in;
    const auto apply = [&](const auto& step) {
      if (is_idle(step)) return;
      View<float> to = out;
      if (++i < busy) {
        Buffer<float>& buffer = between[to_size(i % 2)];
        to.shape = step.out_shape(from.shape);
        buffer.reserve_at_least(to.shape.count());
        to.data = buffer.data();
      }
      step(rng, from, to);
      from = to;
    };
    std::apply([&](const auto&... step) { (apply(step), ...); }, steps);
    if (busy == 0) std::copy_n(in.data, in.shape.count(), out.data);
  }

  constexpr bool idle() const {
    return std::apply([](const auto&... step) { return (is_idle(step) && ...); }, steps);
  }

 private:
  template <class A>
  static constexpr bool is_idle(const A& step) {
    if constexpr (requires {
                    { step.idle() } -> std::convertible_to<bool>;
                  })
      return step.idle();
    else
      return false;
  }
};

/// `pipeline(Warp{…}, Erase{…})`
template <class... As>
constexpr Pipeline<As...> pipeline(As... steps) {
  return {std::tuple<As...>{std::move(steps)...}};
}

}  // namespace sseg

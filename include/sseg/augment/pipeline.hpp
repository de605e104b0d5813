#pragma once
#include <array>
#include <tuple>
#include <utility>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/buffer.hpp"

namespace sseg {

/// Augmentations one after the other, themselves one augmentation. Pictures between two steps live in two buffers of
/// the calling thread, which grow once.
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
    std::size_t i = 0;
    View<const float> from = in;
    const auto apply = [&](const auto& step) {
      View<float> to = out;
      if (++i < size) {
        Buffer<float>& buffer = between[i % 2];
        to.shape = step.out_shape(from.shape);
        buffer.reserve_at_least(to.shape.count());
        to.data = buffer.data();
      }
      step(rng, from, to);
      from = to;
    };
    std::apply([&](const auto&... step) { (apply(step), ...); }, steps);
  }
};

/// `pipeline(Warp{…}, Erase{…})`
template <class... As>
constexpr Pipeline<As...> pipeline(As... steps) {
  return {std::tuple<As...>{std::move(steps)...}};
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "sseg/concepts/layer.hpp"
#include "sseg/net/walk.hpp"

namespace sseg {

/// A fixed list of layers that is itself a layer: y = lₙ(… l₂(l₁(x))). A flat pack, folded by index.
/// Two neighbours with a joint pass (`RunTogether`) run in that. Keeps what the layers keep and every inner output, as
/// far as backward reads it. See examples/quick_demo.cpp and docs/tour.md.
template <class... Ls>
struct Chain {
  static_assert(sizeof...(Ls) > 0, "sseg::Chain: needs at least one layer.");
  static constexpr std::string_view name = "chain";
  static constexpr std::size_t size = sizeof...(Ls);
  template <std::size_t I>
  using At = std::tuple_element_t<I, std::tuple<Ls...>>;

  static constexpr bool layers_ok = []<std::size_t... I>(std::index_sequence<I...>) {
    return (CheckLayer<I, At<I>>::ok && ...);
  }
  (std::make_index_sequence<size>{});
  static_assert(layers_ok);
  static constexpr bool seams_ok = []<std::size_t... I>(std::index_sequence<I...>) {
    return (Seam<I, At<I>, At<I + 1>>::ok && ... && true);
  }
  (std::make_index_sequence<size - 1>{});
  static_assert(seams_ok);
  static constexpr int in_rank = in_rank_of<At<0>>, out_rank = out_rank_of<At<size - 1>>;

  std::tuple<Ls...> layers;
  bool operator==(const Chain&) const = default;

  constexpr Shape out_shape(Shape s) const {
    each([&](std::size_t, const auto& l) { s = l.out_shape(s); });
    return s;
  }
  constexpr Index param_count() const {
    Index n = 0;
    each([&](std::size_t, const auto& l) { n += l.param_count(); });
    return n;
  }
  constexpr Index state_count() const {
    Index n = 0;
    each([&](std::size_t, const auto& l) { n += l.state_count(); });
    return n;
  }
  constexpr Index keep(Shape s) const { return walked(s).keep(); }
  constexpr Index scratch(Shape s) const {
    Walk walk(s);
    Index hungriest = 0;
    each([&](std::size_t i, const auto& l) {
      hungriest = std::max(hungriest, l.scratch(walk.shape()));
      walk.step(l, i + 1 < size);
    });
    return walk.hands() + hungriest;
  }
  constexpr Index macs(Shape s) const {
    Index n = 0;
    each([&](std::size_t, const auto& l) {
      n += l.macs(s);
      s = l.out_shape(s);
    });
    return n;
  }
  void describe_params(const std::string& at, std::vector<ParamDesc>& list) const {
    each([&](std::size_t i, const auto& l) { l.describe_params(at + "/" + std::to_string(i), list); });
  }

  template <class B>
  requires(HasForward<Ls, B>&&...) void forward(B& backend, const Forward<typename B::Scalar>& f) const {
    using T = typename B::Scalar;
    const std::size_t used = working();
    Walk walk(f.x.shape);
    View<const T> x = f.x;
    bool done = false;  // together with the layer before
    const auto part = [&](std::size_t i, const auto& l) {
      const Seat seat = walk.step(l, i + 1 < size);
      const View<T> y = i + 1 < used ? View<T>{f.keep.data() + walk.output(), walk.shape()} : f.y;
      const Forward<T> mine = seated(f, seat, x, y, f.scratch);
      x = y;
      return mine;
    };
    each([&](auto i, const auto& l) {
      if (i >= used || std::exchange(done, false)) return;
      const Forward<T> mine = part(i, l);
      if constexpr (together<i, B>())
        if (i + 1 < used) {
          const auto& next = std::get<i + 1>(layers);
          done = true;
          return forward_together(backend, l, next, mine, part(i + 1, next));
        }
      l.forward(backend, mine);
    });
  }

  template <class B>
  requires(HasBackward<Ls, B>&&...) void backward(B& backend, const Backward<typename B::Scalar>& g) const {
    using T = typename B::Scalar;
    const std::size_t used = working();
    std::array<Seat, size> seats;
    std::array<View<const T>, size + 1> between;  // input, inner outputs, output
    Walk walk(g.x.shape);
    between[0] = g.x;
    each([&](std::size_t i, const auto& l) {
      seats[i] = walk.step(l, i + 1 < size);
      between[i + 1] = i + 1 < used ? View<const T>{g.keep.data() + walk.output(), walk.shape()} : g.y;
    });
    T* const hand[2] = {g.scratch.data(), g.scratch.data() + walk.right_hand()};
    const auto inner = g.scratch.subspan(to_size(walk.hands()));
    View<const T> dy = g.dy;
    bool done = false;  // together with the layer after
    const auto part = [&](std::size_t i) {
      const View<T> dx = i == 0 ? g.dx : View<T>{hand[i % 2], between[i].shape};
      const Backward<T> mine = seated(g, seats[i], between[i], between[i + 1], dy, dx, inner);
      dy = dx;
      return mine;
    };
    each_reversed([&](auto i, const auto& l) {
      if (i >= used || std::exchange(done, false)) return;
      const Backward<T> mine = part(i);
      if constexpr (i > 0 && together<i - 1, B>()) {
        done = true;
        const Backward<T> before = part(i - 1);
        backward_together(backend, std::get<i - 1>(layers), l, before, mine);
        tell_gradients_done(backend, mine.dw);
        return tell_gradients_done(backend, before.dw);
      }
      l.backward(backend, mine);
      tell_gradients_done(backend, mine.dw);
    });
  }

 private:
  template <std::size_t I>
  using Position = std::integral_constant<std::size_t, I>;

  /// Whether layers I and I+1 have a joint pass.
  template <std::size_t I, class B>
  static constexpr bool together() {
    if constexpr (I < size && I + 1 < size)
      return RunTogether<At<I>, At<I + 1>, B>;
    else
      return false;
  }
  /// Layers up to the last that does anything: empty stacks at the end are skipped, and nothing is copied for them.
  constexpr std::size_t working() const {
    std::size_t used = 1;
    each([&](std::size_t i, const auto& l) {
      if constexpr (requires { l.hands_through(); })
        used = l.hands_through() ? used : i + 1;
      else
        used = i + 1;
    });
    return used;
  }
  template <class F>
  constexpr void each(F&& f) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (f(Position<I>{}, std::get<I>(layers)), ...); }
    (std::make_index_sequence<size>{});
  }
  template <class F>
  constexpr void each_reversed(F&& f) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (f(Position<size - 1 - I>{}, std::get<size - 1 - I>(layers)), ...);
    }
    (std::make_index_sequence<size>{});
  }
  constexpr Walk walked(Shape s) const {
    Walk walk(s);
    each([&](std::size_t i, const auto& l) { walk.step(l, i + 1 < size); });
    return walk;
  }
};

/// `chain(Conv2d{…}, Relu{}, …)`: a Chain of these layers.
template <class... Ls>
constexpr Chain<Ls...> chain(Ls... layers) {
  return {std::tuple<Ls...>{std::move(layers)...}};
}

}  // namespace sseg

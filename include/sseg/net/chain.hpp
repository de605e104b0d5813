#pragma once
#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "sseg/concepts/layer.hpp"
#include "sseg/net/walk.hpp"

namespace sseg {

/// A fixed list of layers that is itself a layer: y = lₙ(… l₂(l₁(x))). A flat pack, folded by index.
/// Keeps what the layers keep and every inner output. See examples/quick_demo.cpp and docs/tour.md.
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
  constexpr Index scratch(Shape s) const { return walked(s).scratch(); }
  constexpr Index macs(Shape s) const { return walked(s).macs(); }
  void describe_params(const std::string& at, std::vector<ParamDesc>& list) const {
    each([&](std::size_t i, const auto& l) { l.describe_params(at + "/" + std::to_string(i), list); });
  }

  template <class B>
  requires(HasForward<Ls, B>&&...) void forward(B& backend, const Forward<typename B::Scalar>& f) const {
    using T = typename B::Scalar;
    Walk walk(f.x.shape);
    View<const T> x = f.x;
    each([&](std::size_t i, const auto& l) {
      const Seat seat = walk.step(l, i + 1 < size);
      const View<T> y = i + 1 < size ? View<T>{f.keep.data() + walk.output(), walk.shape()} : f.y;
      l.forward(backend, seated(f, seat, x, y, f.scratch));
      x = y;
    });
  }

  template <class B>
  requires(HasBackward<Ls, B>&&...) void backward(B& backend, const Backward<typename B::Scalar>& g) const {
    using T = typename B::Scalar;
    std::array<Seat, size> seats;
    std::array<View<const T>, size + 1> between;  // input, inner outputs, output
    Walk walk(g.x.shape);
    between[0] = g.x;
    each([&](std::size_t i, const auto& l) {
      seats[i] = walk.step(l, i + 1 < size);
      between[i + 1] = i + 1 < size ? View<const T>{g.keep.data() + walk.output(), walk.shape()} : g.y;
    });
    T* const hand[2] = {g.scratch.data(), g.scratch.data() + walk.widest_in()};
    const auto inner = g.scratch.subspan(to_size(2 * walk.widest_in()));
    View<const T> dy = g.dy;
    each_reversed([&](std::size_t i, const auto& l) {
      const View<T> dx = i == 0 ? g.dx : View<T>{hand[i % 2], between[i].shape};
      l.backward(backend, seated(g, seats[i], between[i], between[i + 1], dy, dx, inner));
      dy = dx;
    });
  }

 private:
  template <class F>
  constexpr void each(F&& f) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (f(I, std::get<I>(layers)), ...); }
    (std::make_index_sequence<size>{});
  }
  template <class F>
  constexpr void each_reversed(F&& f) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (f(size - 1 - I, std::get<size - 1 - I>(layers)), ...); }
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

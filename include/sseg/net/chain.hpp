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
  constexpr Index keep(Shape s, MapPacking p = {}) const { return walked(s, p).keep(); }
  constexpr Index scratch(Shape s, MapPacking p = {}) const {
    Walk walk(s, p);
    Index hungriest = 0;
    each([&](std::size_t i, const auto& l) {
      hungriest = std::max(hungriest, scratch_of(l, walk.shape(), p));
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

  template <class B, class X, class Y>
  requires(HasForward<Ls, B>&&...) void forward(B& backend, const Forward<typename B::Scalar, X, Y>& f) const {
    const std::size_t used = working();
    Walk walk(f.x.shape, packing_of<B>);
    UntypedView x(f.x);
    bool done = false;  // together with the layer before
    const auto part = [&](auto i, const auto& l) {
      using In = Read<i, B, X>;
      using Out = Read<i + 1, B, X>;
      if constexpr (!std::is_same_v<MapOf<B>, typename B::Scalar>) static_assert(CheckMaps<At<i>, B, In, Out>::ok);
      const Seat seat = walk.step(l, i + 1 < size);
      const auto inner = [&] { return View<Out>{values_at<Out>(f.keep.data() + walk.output()), walk.shape()}; };
      View<Out> y;
      if constexpr (std::is_same_v<Out, Y>)
        y = i + 1 < used ? inner() : f.y;
      else
        y = inner();
      const auto mine = seated(f, seat, x.of<In>(), y, f.scratch);
      x = UntypedView(y);
      return mine;
    };
    each([&](auto i, const auto& l) {
      if (i >= used || std::exchange(done, false)) return;
      const auto mine = part(i, l);
      if constexpr (together<i, B>())
        if (i + 1 < used) {
          const auto& next = std::get<i + 1>(layers);
          done = true;
          return forward_together(backend, l, next, mine, part(Position<i + 1>{}, next));
        }
      l.forward(backend, mine);
    });
  }

  template <class B, class X, class Y>
  requires(HasBackward<Ls, B>&&...) void backward(B& backend, const Backward<typename B::Scalar, X, Y>& g) const {
    using T = typename B::Scalar;
    const std::size_t used = working();
    std::array<Seat, size> seats;
    std::array<UntypedView, size + 1> between;  // input, inner outputs, output
    Walk walk(g.x.shape, packing_of<B>);
    between[0] = UntypedView(g.x);
    each([&](std::size_t i, const auto& l) {
      seats[i] = walk.step(l, i + 1 < size);
      between[i + 1] =
          i + 1 < used ? UntypedView(View<const T>{g.keep.data() + walk.output(), walk.shape()}) : UntypedView(g.y);
    });
    T* const hand[2] = {g.scratch.data(), g.scratch.data() + walk.right_hand()};
    const auto inner = g.scratch.subspan(to_size(walk.hands()));
    UntypedView dy(g.dy);
    bool done = false;  // together with the layer after
    const auto part = [&](auto i) {
      using In = Read<i, B, X>;
      using Out = Read<i + 1, B, X>;
      View<In> dx;
      if constexpr (i == 0)
        dx = g.dx;
      else
        dx = {values_at<In>(hand[i % 2]), between[i].shape};
      const auto mine =
          seated(g, seats[i], between[i].template of<In>(), between[i + 1].template of<Out>(), dy.of<Out>(), dx, inner);
      dy = UntypedView(dx);
      return mine;
    };
    each_reversed([&](auto i, const auto& l) {
      if (i >= used || std::exchange(done, false)) return;
      const auto mine = part(i);
      if constexpr (i > 0 && together<i - 1, B>()) {
        done = true;
        const auto before = part(Position<i - 1>{});
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

  /// Type of the values that layer I reads on backend B, where the chain reads X; I = size: those that it writes.
  template <std::size_t I, class B, class X>
  static constexpr auto read_by() {
    if constexpr (I == 0 || std::is_same_v<MapOf<B>, typename B::Scalar>)
      return std::type_identity<X>{};
    else if constexpr (out_rank_of<At<I - 1>> == any_rank)
      return std::type_identity<Read<I - 1, B, X>>{};
    else
      return std::type_identity<std::conditional_t<out_rank_of<At<I - 1>> == 4, MapOf<B>, typename B::Scalar>>{};
  }
  template <std::size_t I, class B, class X>
  using Read = typename decltype(read_by<I, B, X>())::type;

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
  constexpr Walk walked(Shape s, MapPacking p) const {
    Walk walk(s, p);
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

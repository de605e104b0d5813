#pragma once
#include <algorithm>
#include <span>
#include <type_traits>

#include "sseg/concepts/layer.hpp"

namespace sseg {

/// How maps lie in the spans of Scalars that composites deal out: `per_scalar` of their values in the place of one.
/// Where they are packed, each takes a multiple of 16 bytes (of floats).
struct MapPacking {
  Index per_scalar = 1;

  /// Scalars in whose place a tensor lies.
  constexpr Index room(const Shape& s) const {
    if (per_scalar == 1 || s.rank != 4) return s.count();
    return (s.count() + 4 * per_scalar - 1) / (4 * per_scalar) * 4;
  }
};
template <class B>
inline constexpr MapPacking packing_of{static_cast<Index>(sizeof(typename B::Scalar) / sizeof(MapOf<B>))};

/// What a part keeps, and its scratch. One that holds maps has `keep(shape, packing)`, for others packing is nothing.
template <class L>
constexpr Index keep_of(const L& part, const Shape& s, MapPacking packing) {
  if constexpr (requires { part.keep(s, packing); })
    return part.keep(s, packing);
  else
    return part.keep(s);
}
template <class L>
constexpr Index scratch_of(const L& part, const Shape& s, MapPacking packing) {
  if constexpr (requires { part.scratch(s, packing); })
    return part.scratch(s, packing);
  else
    return part.scratch(s);
}

/// Values of type V that lie in the place of these scalars.
template <class V, class T>
V* values_at(T* scalars) {
  if constexpr (std::is_same_v<V, T>)
    return scalars;
  else
    return reinterpret_cast<V*>(scalars);
}

/// A tensor whose values' type is known where it is read.
struct UntypedView {
  const void* data = nullptr;
  Shape shape{};

  UntypedView() = default;
  template <class V>
  explicit UntypedView(const View<V>& v) : data(v.data), shape(v.shape) {}
  template <class V>
  View<const V> of() const {
    return {static_cast<const V*>(data), shape};
  }
};

/// Where one part of a composite finds its own pieces of the composite's spans.
struct Seat {
  Index param = 0, params = 0;
  Index state = 0, states = 0;
  Index keep = 0, keeps = 0;
};

/// The part's piece of a span; empty stays empty (a span that was not given is not given to the parts either).
template <class T>
constexpr std::span<T> piece(std::span<T> whole, Index begin, Index count) {
  return whole.empty() ? whole : whole.subspan(to_size(begin), to_size(count));
}

template <class T, class FX, class FY, class X, class Y>
constexpr Forward<T, X, Y> seated(const Forward<T, FX, FY>& f, const Seat& s, View<const X> x, View<Y> y,
                                  std::span<T> scratch) {
  return {x,
          y,
          piece(f.w, s.param, s.params),
          piece(f.state, s.state, s.states),
          piece(f.state_next, s.state, s.states),
          piece(f.keep, s.keep, s.keeps),
          scratch,
          f.mode,
          f.backward_follows};
}

template <class T, class GX, class GY, class X, class Y>
constexpr Backward<T, X, Y> seated(const Backward<T, GX, GY>& g, const Seat& s, View<const X> x, View<const Y> y,
                                   View<const Y> dy, View<X> dx, std::span<T> scratch) {
  return {x,
          y,
          dy,
          dx,
          piece(g.w, s.param, s.params),
          piece(g.dw, s.param, s.params),
          piece(g.state, s.state, s.states),
          piece(g.keep, s.keep, s.keeps),
          scratch,
          g.mode};
}

/// Walks the parts of a sequence front to back and deals out seats: each part's parameters and state follow those of
/// the part before; `keep` holds first the part's own, then its output (but for the last part when it writes to the
/// composite's output).
class Walk {
 public:
  constexpr explicit Walk(Shape in, MapPacking packing = {}) : shape_(in), packing_(packing) {}

  /// `recomputes`: the part keeps nothing here, since it runs forward again before its backward.
  template <class L>
  constexpr Seat step(const L& part, bool output_in_keep, bool recomputes = false) {
    const Seat s{param_, part.param_count(),
                 state_, part.state_count(),
                 keep_,  recomputes ? 0 : keep_of(part, shape_, packing_)};
    param_ += s.params;
    state_ += s.states;
    keep_ += s.keeps;
    if (steps_ > 0) widest_in_[steps_ % 2] = std::max(widest_in_[steps_ % 2], packing_.room(shape_));
    ++steps_;
    shape_ = part.out_shape(shape_);
    output_ = keep_;
    if (output_in_keep) keep_ += packing_.room(shape_);
    return s;
  }

  constexpr Shape shape() const { return shape_; }    ///< input of the next part
  constexpr Index output() const { return output_; }  ///< where the last part's output lies in `keep`
  constexpr Index keep() const { return keep_; }      ///< total so far
  /// Floats of the two hands that pass gradients on. The left one holds the gradients of the inputs of parts 2, 4, …,
  /// the right one those of 1, 3, …
  constexpr Index hands() const { return widest_in_[0] + widest_in_[1]; }
  constexpr Index right_hand() const { return widest_in_[0]; }  ///< where it begins

 private:
  Shape shape_;
  MapPacking packing_;
  Index param_ = 0, state_ = 0, keep_ = 0, output_ = 0, steps_ = 0;
  Index widest_in_[2] = {0, 0};
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <span>

#include "sseg/concepts/layer.hpp"

namespace sseg {

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

template <class T>
constexpr Forward<T> seated(const Forward<T>& f, const Seat& s, View<const T> x, View<T> y, std::span<T> scratch) {
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

template <class T>
constexpr Backward<T> seated(const Backward<T>& g, const Seat& s, View<const T> x, View<const T> y, View<const T> dy,
                             View<T> dx, std::span<T> scratch) {
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
  constexpr explicit Walk(Shape in) : shape_(in) {}

  /// `recomputes`: the part keeps nothing here, since it runs forward again before its backward.
  template <class L>
  constexpr Seat step(const L& part, bool output_in_keep, bool recomputes = false) {
    const Seat s{param_, part.param_count(), state_, part.state_count(), keep_, recomputes ? 0 : part.keep(shape_)};
    param_ += s.params;
    state_ += s.states;
    keep_ += s.keeps;
    if (steps_ > 0) widest_in_[steps_ % 2] = std::max(widest_in_[steps_ % 2], shape_.count());
    ++steps_;
    shape_ = part.out_shape(shape_);
    output_ = keep_;
    if (output_in_keep) keep_ += shape_.count();
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
  Index param_ = 0, state_ = 0, keep_ = 0, output_ = 0, steps_ = 0;
  Index widest_in_[2] = {0, 0};
};

}  // namespace sseg

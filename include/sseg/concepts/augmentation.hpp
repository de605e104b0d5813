#pragma once
#include <concepts>

#include "sseg/core/rng.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// A random change of one image (H, W, C) with values in [0, 1]. Pure: the same stream gives the same picture.
/// `in` and `out` do not overlap; `out` has the shape `out_shape(in.shape)`.
template <class A>
concept Augmentation = std::regular<A> &&
    requires(const A a, Rng& rng, View<const float> in, View<float> out, Shape s) {
  { a.out_shape(s) } -> std::same_as<Shape>;
  a(rng, in, out);
};

/// Speaks one sentence for the missing member of a would-be augmentation.
template <std::size_t Position, class A>
struct CheckAugmentation {
  static_assert(Augmentation<A>,
                "sseg: an augmentation needs  Shape out_shape(Shape) const  and  void operator()(Rng&, View<const "
                "float> in, View<float> out) const,  and must be a plain value with ==.");
  static constexpr bool ok = true;
};

}  // namespace sseg

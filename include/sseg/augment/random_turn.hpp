#pragma once
#include <algorithm>

#include "sseg/augment/quarter_turn.hpp"
#include "sseg/concepts/augmentation.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// With `probability`, turns a square picture by 90°, 180° or 270°, each as likely, exactly. Off, it draws nothing and
/// takes pictures that are not square too.
struct RandomTurn {
  float probability = 0.75f;  ///< all four turns as likely
  bool operator==(const RandomTurn&) const = default;

  constexpr Shape out_shape(Shape s) const { return s; }
  constexpr bool idle() const { return !(probability > 0); }

  /// Throws `Error`: as `quarter_turn`.
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    if (idle()) {
      std::copy_n(in.data, in.shape.count(), out.data);
      return;
    }
    quarter_turn(in, out, rng.chance(probability) ? 1 + rng.below(3) : 0);
  }
};

static_assert(Augmentation<RandomTurn>);

}  // namespace sseg

SSEG_FIELDS(sseg::RandomTurn, probability);

#pragma once
#include <algorithm>

#include "sseg/augment/luma.hpp"
#include "sseg/concepts/augmentation.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// With `probability`, every channel becomes the pixel's luma; the number of channels stays.
struct Grayscale {
  float probability = 0.2f;
  bool operator==(const Grayscale&) const = default;

  constexpr Shape out_shape(Shape s) const { return s; }
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    const Index channels = in.shape[2];
    if (!rng.chance(probability)) {
      std::copy_n(in.data, in.shape.count(), out.data);
      return;
    }
    for (Index i = 0; i < in.shape[0] * in.shape[1]; ++i)
      std::fill_n(out.data + i * channels, channels, luma(in.data + i * channels, channels));
  }
};

static_assert(Augmentation<Grayscale>);

}  // namespace sseg

SSEG_FIELDS(sseg::Grayscale, probability);

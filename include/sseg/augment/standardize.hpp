#pragma once
#include "sseg/augment/channel_values.hpp"
#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/error.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// x ← (x - mean) / std, channel by channel: the last step of a pipeline, and the only one of evaluation. Draws
/// nothing. Its result is the one picture that leaves [0, 1]: no other augmentation may follow it.
struct Standardize {
  ChannelValues mean{0, 0, 0}, std{1, 1, 1};
  bool operator==(const Standardize&) const = default;

  /// For CIFAR-FS, as Lee et al. 2019 (MetaOptNet) have it.
  static constexpr Standardize cifar_fs() {
    return {{129.377f / 255, 124.106f / 255, 112.478f / 255}, {68.209f / 255, 65.431f / 255, 70.459f / 255}};
  }
  /// For mini-ImageNet, from the same authors' program (https://github.com/kjunelee/MetaOptNet, data/mini_imagenet.py).
  static constexpr Standardize mini_imagenet() {
    return {{120.39586422f / 255, 115.59361427f / 255, 104.54012653f / 255},
            {70.68188272f / 255, 68.27635443f / 255, 72.54505529f / 255}};
  }

  constexpr Shape out_shape(Shape s) const { return s; }

  /// Throws `Error`: more than three channels, or a std that is not above 0.
  void operator()(Rng&, View<const float> in, View<float> out) const {
    const Index pixels = in.shape[0] * in.shape[1], channels = in.shape[2];
    require(channels <= 3, "only pictures of up to three channels", "Standardize", "Leave the step out.");
    for (Index c = 0; c < channels; ++c) {
      require(std[c] > 0, "a standard deviation is not above 0", "Standardize", "Give std > 0 for every channel.");
      const float middle = mean[c], scale = 1 / std[c];
      for (Index i = 0; i < pixels; ++i) out.data[i * channels + c] = (in.data[i * channels + c] - middle) * scale;
    }
  }
};

static_assert(Augmentation<Standardize>);

}  // namespace sseg

SSEG_FIELDS(sseg::Standardize, mean, std);

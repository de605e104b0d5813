#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// With `probability`, convolves the picture with a Gaussian of σ pixels, one draw in sigma_min … sigma_max:
/// w(k) ∝ exp(-k² / 2σ²) for |k| <= ⌈3σ⌉, rows then columns. Beyond the border lies the border's own value.
struct GaussianBlur {
  static constexpr float max_sigma = 32;

  float sigma_min = 0.1f, sigma_max = 2.f;
  float probability = 0.5f;
  bool operator==(const GaussianBlur&) const = default;

  constexpr Shape out_shape(Shape s) const { return s; }

  /// Throws `Error`: σ out of order or beyond `max_sigma`.
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    require(0 <= sigma_min && sigma_min <= sigma_max && sigma_max <= max_sigma, "sigma out of range", "GaussianBlur",
            "Give 0 <= sigma_min <= sigma_max <= 32.");
    const bool blurs = rng.chance(probability);
    const Kernel kernel(blurs ? rng.uniform(sigma_min, sigma_max) : 0.f);
    if (kernel.radius == 0) {
      std::copy_n(in.data, in.shape.count(), out.data);
      return;
    }
    static thread_local Buffer<float> across, padded;
    across.reserve_at_least(in.shape.count());
    padded.reserve_at_least((in.shape[1] + 2 * radius_of(sigma_max)) * in.shape[2]);
    blur_rows(kernel, in, across.data(), padded.data());
    blur_columns(kernel, in.shape, across.data(), out.data);
  }

 private:
  static Index radius_of(float sigma) { return static_cast<Index>(std::ceil(3 * sigma)); }

  /// One half and the middle of the symmetric weights, which sum to 1.
  struct Kernel {
    Index radius;
    std::array<float, static_cast<std::size_t>(3 * max_sigma) + 1> weight;

    explicit Kernel(float sigma) : radius(radius_of(sigma)) {
      float total = 0;
      for (Index k = radius; k >= 0; --k) {
        const float steps = k == 0 ? 0.f : static_cast<float>(k) / sigma;
        weight[to_size(k)] = std::exp(-0.5f * steps * steps);
        total += (k == 0 ? 1.f : 2.f) * weight[to_size(k)];
      }
      for (Index k = 0; k <= radius; ++k) weight[to_size(k)] /= total;
    }
  };

  /// out[j] = w(0)·at(0)[j] + Σ w(k)·(at(-k)[j] + at(k)[j])
  template <class At>
  static void sum(const Kernel& kernel, Index count, const At& at, float* out) {
    const float* middle = at(0);
    for (Index j = 0; j < count; ++j) out[j] = kernel.weight[0] * middle[j];
    for (Index k = 1; k <= kernel.radius; ++k) {
      const float* before = at(-k);
      const float* after = at(k);
      const float weight = kernel.weight[to_size(k)];
      for (Index j = 0; j < count; ++j) out[j] += weight * (before[j] + after[j]);
    }
  }
  static void blur_rows(const Kernel& kernel, View<const float> in, float* out, float* padded) {
    const Index channels = in.shape[2], row = in.shape[1] * channels, margin = kernel.radius * channels;
    for (Index i = 0; i < in.shape[0]; ++i) {
      const float* source = in.data + i * row;
      for (Index k = 0; k < margin; ++k) {
        padded[k] = source[k % channels];
        padded[margin + row + k] = source[row - channels + k % channels];
      }
      std::copy_n(source, row, padded + margin);
      sum(
          kernel, row, [&](Index k) { return padded + margin + k * channels; }, out + i * row);
    }
  }
  static void blur_columns(const Kernel& kernel, Shape s, const float* in, float* out) {
    const Index row = s[1] * s[2];
    for (Index i = 0; i < s[0]; ++i)
      sum(
          kernel, row, [&](Index k) { return in + std::clamp<Index>(i + k, 0, s[0] - 1) * row; }, out + i * row);
  }
};

static_assert(Augmentation<GaussianBlur>);

}  // namespace sseg

SSEG_FIELDS(sseg::GaussianBlur, sigma_min, sigma_max, probability);

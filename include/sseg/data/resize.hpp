#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// How source pixels are averaged. `area`: the exact mean over the part of the source that an output pixel covers.
/// `triangle`: a tent twice as wide (bilinear when enlarging).
enum class ResizeFilter { area, triangle };

/// A rectangle of an image in source pixels; (0, 0) is the outer corner of the first pixel. It may reach outside.
struct Window {
  double top = 0, left = 0, height = 0, width = 0;
  bool operator==(const Window&) const = default;
};

namespace detail {

/// For every output pixel along one axis the source pixels that make it, in memory that is reused.
class Taps {
 public:
  struct Span {
    Index first = 0;  ///< source pixel of the first weight
    Index begin = 0;  ///< its place among the weights
    Index count = 0;
  };

  /// Taps of `out` pixels that cover [start, start + length) of `in` source pixels. What lies outside is worth zero, or
  /// with `renormalize` is left out of the average. Allocates only when the sizes grow.
  void set(Index in, Index out, double start, double length, ResizeFilter filter, bool renormalize) {
    const double scale = length / static_cast<double>(out);
    const double radius = filter == ResizeFilter::area ? 0.5 * scale : std::max(1.0, scale);
    spans_.clear();
    weights_.clear();
    spans_.reserve(to_size(out));
    weights_.reserve(to_size(2 * in + 4 * out));  // an inner pixel has a part in at most two outputs, edges apart
    for (Index o = 0; o < out; ++o) {
      const double center = start + (static_cast<double>(o) + 0.5) * scale;
      add(in, center, radius, filter, renormalize);
    }
  }

  const std::vector<Span>& spans() const { return spans_; }
  const float* weights(const Span& s) const { return weights_.data() + s.begin; }

 private:
  void add(Index in, double center, double radius, ResizeFilter filter, bool renormalize) {
    const auto low = static_cast<Index>(std::floor(center - radius)),
               high = static_cast<Index>(std::ceil(center + radius));
    const auto weight_of = [&](Index pixel) {
      const auto p = static_cast<double>(pixel);
      const double w = filter == ResizeFilter::area ? std::min(center + radius, p + 1) - std::max(center - radius, p)
                                                    : 1.0 - std::abs(p + 0.5 - center) / radius;
      return std::max(0.0, w);
    };
    const auto inside = [&](Index pixel) { return pixel >= 0 && pixel < in; };
    double total = 0;
    for (Index pixel = low; pixel < high; ++pixel)
      if (inside(pixel) || !renormalize) total += weight_of(pixel);
    Span span{std::clamp<Index>(low, 0, in), static_cast<Index>(weights_.size()), 0};
    for (Index pixel = std::max<Index>(low, 0); pixel < std::min(high, in); ++pixel, ++span.count)
      weights_.push_back(static_cast<float>(weight_of(pixel) / total));
    spans_.push_back(span);
  }

  std::vector<Span> spans_;
  std::vector<float> weights_;
};

/// Rows first, then columns; the tables and the line between are the calling thread's.
class Resampler {
 public:
  Taps vertical, horizontal;

  /// in (H, W, C), out (h, w, C).
  void apply(View<const float> in, View<float> out) {
    const Index channels = in.shape[2];
    if (channels == 1)
      apply_to<1>(in, out);
    else if (channels == 3)
      apply_to<3>(in, out);
    else
      apply_to<0>(in, out);
  }

  static Resampler& of_this_thread() {
    static thread_local Resampler one;
    return one;
  }

 private:
  /// `Channels`: 0 when the number is known only at run time.
  template <Index Channels>
  void apply_to(View<const float> in, View<float> out) {
    const Index row = in.shape[1] * in.shape[2], channels = Channels > 0 ? Channels : in.shape[2];
    line_.resize(to_size(row));
    float* target = out.data;
    for (const Taps::Span& v : vertical.spans()) {
      std::fill(line_.begin(), line_.end(), 0.0f);
      float* line = line_.data();
      for (Index k = 0; k < v.count; ++k) {
        const float* source = in.data + (v.first + k) * row;
        const float weight = vertical.weights(v)[k];
        for (Index j = 0; j < row; ++j) line[j] += weight * source[j];
      }
      for (const Taps::Span& h : horizontal.spans()) {
        average<Channels>(line + h.first * channels, horizontal.weights(h), h.count, channels, target);
        target += channels;
      }
    }
  }

  /// out[c] = Σ weight[k]·from[k][c], all channels of a pixel side by side.
  template <Index Channels>
  static void average(const float* from, const float* weight, Index count, Index channels, float* out) {
    if constexpr (Channels > 0) {
      std::array<float, static_cast<std::size_t>(Channels)> sum{};
      for (Index k = 0; k < count; ++k)
        for (Index c = 0; c < Channels; ++c) sum[to_size(c)] += weight[k] * from[k * Channels + c];
      std::copy(sum.begin(), sum.end(), out);
    } else {
      for (Index c = 0; c < channels; ++c) {
        float sum = 0;
        for (Index k = 0; k < count; ++k) sum += weight[k] * from[k * channels + c];
        out[c] = sum;
      }
    }
  }

  std::vector<float> line_;
};

inline void check_resize(const Shape& in, const Shape& out) {
  const bool ok = in.rank == 3 && out.rank == 3 && in.count() > 0 && out.count() > 0 && in[2] == out[2];
  if (!ok)
    throw Error("cannot resize " + to_string(in) + " to " + to_string(out), "resize",
                "Give two (H, W, C) images, not empty, with equal C.");
}

}  // namespace detail

/// Antialiased resize of an image: in (H, W, C) to out (h, w, C). A constant image stays constant; `area` keeps the
/// mean. Throws `Error` when the shapes do not fit.
inline void resize(View<const float> in, View<float> out, ResizeFilter filter = ResizeFilter::area) {
  detail::check_resize(in.shape, out.shape);
  auto& resampler = detail::Resampler::of_this_thread();
  const auto whole = [&](detail::Taps& taps, int axis) {
    taps.set(in.shape[axis], out.shape[axis], 0.0, static_cast<double>(in.shape[axis]), filter, true);
  };
  whole(resampler.vertical, 0);
  whole(resampler.horizontal, 1);
  resampler.apply(in, out);
}

/// Fills out (h, w, C) with the given window of in (H, W, C), resized in one pass; outside the image everything is 0.
/// Throws `Error` when the shapes do not fit or the window is empty or far larger than the image.
inline void resize_window(View<const float> in, const Window& window, View<float> out,
                          ResizeFilter filter = ResizeFilter::area) {
  detail::check_resize(in.shape, out.shape);
  constexpr double most = 1 << 24;
  if (!(window.height > 0 && window.width > 0 && window.height < most && window.width < most &&
        std::abs(window.top) < most && std::abs(window.left) < most))
    throw Error("the window of the image is empty or far too large", "resize_window",
                "Check the window's four numbers.");
  auto& resampler = detail::Resampler::of_this_thread();
  resampler.vertical.set(in.shape[0], out.shape[0], window.top, window.height, filter, false);
  resampler.horizontal.set(in.shape[1], out.shape[1], window.left, window.width, filter, false);
  resampler.apply(in, out);
}

/// Fills out (h, w, C) with a window that lies inside in (H, W, C), resized in one pass. At the window's edge the
/// filter also sees the pixels beside the window; beyond the image there is nothing, and averages are over what there
/// is. Throws `Error` when the shapes do not fit or the window is empty or reaches outside by more than rounding.
inline void resize_crop(View<const float> in, const Window& window, View<float> out,
                        ResizeFilter filter = ResizeFilter::area) {
  detail::check_resize(in.shape, out.shape);
  const auto inside = [](double start, double length, Index extent) {
    constexpr double rounding = 1e-6;
    return length > 0 && start >= -rounding && start + length <= static_cast<double>(extent) + rounding;
  };
  if (!inside(window.top, window.height, in.shape[0]) || !inside(window.left, window.width, in.shape[1]))
    throw Error("the window is empty or reaches outside the image", "resize_crop", "Check the window's four numbers.");
  auto& resampler = detail::Resampler::of_this_thread();
  resampler.vertical.set(in.shape[0], out.shape[0], window.top, window.height, filter, true);
  resampler.horizontal.set(in.shape[1], out.shape[1], window.left, window.width, filter, true);
  resampler.apply(in, out);
}

}  // namespace sseg

#pragma once
#include <algorithm>
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

/// The source pixels that make one output pixel along one axis: weight[k] belongs to pixel first + k.
struct Taps {
  Index first = 0;
  std::vector<float> weight;
};

/// Taps of `out` pixels that cover [start, start + length) of `in` source pixels. What lies outside is worth zero, or
/// with `renormalize` is left out of the average.
inline std::vector<Taps> make_taps(Index in, Index out, double start, double length, ResizeFilter filter,
                                   bool renormalize) {
  const double scale = length / static_cast<double>(out);
  const double radius = filter == ResizeFilter::area ? 0.5 * scale : std::max(1.0, scale);
  const auto weight_of = [&](double center, Index pixel) {
    const auto p = static_cast<double>(pixel);
    if (filter == ResizeFilter::area) return std::min(center + radius, p + 1) - std::max(center - radius, p);
    return 1.0 - std::abs(p + 0.5 - center) / radius;
  };
  std::vector<Taps> all(to_size(out));
  std::vector<double> weights;
  for (Index o = 0; o < out; ++o) {
    const double center = start + (static_cast<double>(o) + 0.5) * scale;
    const auto low = static_cast<Index>(std::floor(center - radius)),
               high = static_cast<Index>(std::ceil(center + radius));
    Taps& taps = all[to_size(o)];
    taps.first = std::clamp<Index>(low, 0, in);
    weights.clear();
    double total = 0;
    for (Index pixel = low; pixel < high; ++pixel) {
      const double w = std::max(0.0, weight_of(center, pixel));
      const bool inside = pixel >= 0 && pixel < in;
      if (inside || !renormalize) total += w;
      if (inside) weights.push_back(w);
    }
    for (const double w : weights) taps.weight.push_back(static_cast<float>(w / total));
  }
  return all;
}

/// Rows first, then columns. in (H, W, C), out (h, w, C).
inline void apply_taps(View<const float> in, View<float> out, const std::vector<Taps>& vertical,
                       const std::vector<Taps>& horizontal) {
  const Index row = in.shape[1] * in.shape[2], channels = in.shape[2];
  std::vector<float> line(to_size(row));
  float* target = out.data;
  for (const Taps& v : vertical) {
    std::fill(line.begin(), line.end(), 0.0f);
    for (Index k = 0; k < static_cast<Index>(v.weight.size()); ++k) {
      const float* source = in.data + (v.first + k) * row;
      for (Index j = 0; j < row; ++j) line[to_size(j)] += v.weight[to_size(k)] * source[j];
    }
    for (const Taps& h : horizontal)
      for (Index c = 0; c < channels; ++c) {
        float sum = 0;
        for (Index k = 0; k < static_cast<Index>(h.weight.size()); ++k)
          sum += h.weight[to_size(k)] * line[to_size((h.first + k) * channels + c)];
        *target++ = sum;
      }
  }
}

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
  const auto taps = [&](int axis) {
    return detail::make_taps(in.shape[axis], out.shape[axis], 0.0, static_cast<double>(in.shape[axis]), filter, true);
  };
  detail::apply_taps(in, out, taps(0), taps(1));
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
  detail::apply_taps(in, out, detail::make_taps(in.shape[0], out.shape[0], window.top, window.height, filter, false),
                     detail::make_taps(in.shape[1], out.shape[1], window.left, window.width, filter, false));
}

}  // namespace sseg

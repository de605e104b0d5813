#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "sseg/augment/luma.hpp"
#include "sseg/core/view.hpp"
#include "sseg/curriculum/scene_factors.hpp"
#include "sseg/curriculum/shape_kinds.hpp"
#include "sseg/curriculum/texture.hpp"

namespace sseg {

/// Paints one shape over a square picture, its edge antialiased over one pixel:  x ← x + cover·(paint - x).
class ShapeBrush {
 public:
  /// `out`: (side, side, 1 or 3). The shape may reach beyond the picture.
  ShapeBrush(const ObjectFactors& o, View<float> out)
      : out_(out),
        side_(out.shape[0]),
        channels_(out.shape[2]),
        pixel_(2.f / static_cast<float>(side_)),
        per_pixel_(0.5f * static_cast<float>(side_)),
        o_(o),
        distance_(shape_kinds::all[to_size(o.shape)].distance),
        texture_(o.paint, side_),
        first_(shown(o.paint.first)),
        second_(shown(o.paint.second)) {
    const float angle = o.angle * std::numbers::pi_v<float> / 180;
    const float c = std::cos(angle) / o.size, n = std::sin(angle) / o.size;
    along_x_ = c / o.stretch, along_y_ = n / o.stretch, down_x_ = n, down_y_ = c;
    scale_ = o.size * std::min(1.f, o.stretch);
  }

  void paint() const {
    for (Index y = 0; y < side_; y += largest)
      for (Index x = 0; x < side_; x += largest) fill(y, x, largest);
  }

  /// Share of the pixel (y, x) that the shape covers, its edge blurred over one pixel.
  float cover(Index y, Index x) const { return covered(distance_at(static_cast<float>(y), static_cast<float>(x))); }

 private:
  static constexpr Index largest = 16, smallest = 4;  ///< sides of the blocks that are tried as a whole

  Color shown(const Color& c) const { return channels_ == 3 ? c : Color{luma(c.data(), 3), 0, 0}; }
  float covered(float distance) const {
    const float d = distance * per_pixel_;
    return d >= 0.5f ? 0.f : d <= -0.5f ? 1.f : 0.5f - d;
  }

  /// Signed distance from the shape, in half sides, of the point at (y, x) in pixels from the first pixel's centre.
  float distance_at(float y, float x) const {
    const float dx = (x + .5f) * pixel_ - 1 - o_.x, dy = (y + .5f) * pixel_ - 1 - o_.y;
    float d = scale_ * distance_({along_x_ * dx + along_y_ * dy, down_y_ * dy - down_x_ * dx});
    if (o_.stroke > 0) d = std::abs(d + o_.stroke / 2) - o_.stroke / 2;
    return d;
  }

  /// Paints a block, or leaves it, as a whole where its centre is far enough from the edge; else its quarters.
  void fill(Index y, Index x, Index n) const {
    if (y >= side_ || x >= side_) return;
    const float middle = 0.5f * static_cast<float>(n - 1);
    const float d = distance_at(static_cast<float>(y) + middle, static_cast<float>(x) + middle);
    // Distances to a shape change by at most 1 for one unit of way.
    const float reach = pixel_ * (std::numbers::sqrt2_v<float> * middle + 0.501f);
    if (d > reach) return;
    if (d < -reach) return paint_block<true>(y, x, n);
    if (n <= smallest) return paint_block<false>(y, x, n);
    const Index half = n / 2;
    for (const Index i : {Index{0}, half})
      for (const Index j : {Index{0}, half}) fill(y + i, x + j, half);
  }

  template <bool Whole>
  void paint_block(Index y0, Index x0, Index n) const {
    channels_ == 3 ? paint_rows<Whole, 3>(y0, x0, n) : paint_rows<Whole, 1>(y0, x0, n);
  }
  template <bool Whole, std::size_t Channels>
  void paint_rows(Index y0, Index x0, Index n) const {
    std::array<float, static_cast<std::size_t>(largest)> mix{};
    const Index y1 = std::min(y0 + n, side_), x1 = std::min(x0 + n, side_);
    for (Index y = y0; y < y1; ++y) {
      if (!texture_.plain()) texture_.read(y, x0, x1 - x0, mix.data());
      float* p = out_.data + (y * side_ + x0) * static_cast<Index>(Channels);
      for (Index x = x0; x < x1; ++x, p += Channels) {
        const float share = Whole ? 1.f : cover(y, x), m = mix[to_size(x - x0)];
        if (!Whole && share == 0) continue;
        for (std::size_t c = 0; c < Channels; ++c) p[c] += share * (first_[c] + m * (second_[c] - first_[c]) - p[c]);
      }
    }
  }

  View<float> out_;
  Index side_, channels_;
  float pixel_, per_pixel_;  ///< side of a pixel in half sides, and its inverse
  ObjectFactors o_;
  float (*distance_)(Point);
  Texture texture_;
  Color first_, second_;
  float along_x_ = 1, along_y_ = 0, down_x_ = 0, down_y_ = 1;  ///< from half sides to the shape's plane
  float scale_ = 1;                                            ///< and back: a distance of 1 there
};

}  // namespace sseg

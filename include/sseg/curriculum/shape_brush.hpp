#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

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
        kind_(shape_kinds::all[to_size(o.shape)]),
        texture_(o.paint, side_),
        first_(shown(o.paint.first)),
        second_(shown(o.paint.second)) {
    const float angle = o.angle * std::numbers::pi_v<float> / 180;
    const float c = std::cos(angle) / o.size, n = std::sin(angle) / o.size;
    along_x_ = c / o.stretch, along_y_ = n / o.stretch, down_x_ = n, down_y_ = c;
    scale_ = o.size * std::min(1.f, o.stretch);
  }

  void paint() const {
    static thread_local Coverage coverage;
    constexpr Index n = Coverage::rows / grid;
    for (Index y = 0; y < side_; y += Coverage::rows) {
      coverage.start(y, side_);
      for (Index x = 0; x < side_; x += Coverage::rows) fill(coverage, y, x, n);
      const Index end = std::min(y + Coverage::rows, side_);
      for (Index row = y; row < end; ++row) channels_ == 3 ? blend<3>(coverage, row) : blend<1>(coverage, row);
    }
  }

  /// Share of the pixel (y, x) that the shape covers, its edge blurred over one pixel.
  float cover(Index y, Index x) const { return covered(distance_at(static_cast<float>(y), static_cast<float>(x))); }

 private:
  static constexpr int grid = 4;  ///< points are looked at in grids of 4 x 4

  /// How much of each pixel is covered in a strip of rows; all zero but between `start` and the last `clear`.
  class Coverage {
   public:
    static constexpr Index rows = 64;  ///< a power of `grid`

    void start(Index first_row, Index side) {
      first_ = first_row, side_ = side;
      if (to_size(rows * side) > share_.size()) share_.resize(to_size(rows * side));
      span_.fill({side, 0});
    }
    /// Pixels [x, x + n) of a row, to be written.
    float* touch(Index y, Index x, Index n) {
      auto& [begin, end] = span_[to_size(y - first_)];
      begin = std::min(begin, x), end = std::max(end, x + n);
      return row(y) + x;
    }
    float* row(Index y) { return share_.data() + (y - first_) * side_; }
    /// From where to where a row was touched.
    std::pair<Index, Index> span(Index y) const { return span_[to_size(y - first_)]; }
    void clear(Index y) {
      const auto [begin, end] = span(y);
      if (begin < end) std::fill(row(y) + begin, row(y) + end, 0.f);
    }

   private:
    Index first_ = 0, side_ = 0;
    std::vector<float> share_;
    std::array<std::pair<Index, Index>, static_cast<std::size_t>(rows)> span_{};
  };

  Color shown(const Color& c) const { return channels_ == 3 ? c : Color{luma(c.data(), 3), 0, 0}; }
  float covered(float distance) const {
    const float d = distance * per_pixel_;
    return d >= 0.5f ? 0.f : d <= -0.5f ? 1.f : 0.5f - d;
  }

  /// Signed distance from the shape, in half sides, of the point at (y, x) in pixels from the first pixel's centre.
  float distance_at(float y, float x) const {
    const float dx = (x + .5f) * pixel_ - 1 - o_.x, dy = (y + .5f) * pixel_ - 1 - o_.y;
    float d = scale_ * kind_.distance({along_x_ * dx + along_y_ * dy, down_y_ * dy - down_x_ * dx});
    if (o_.stroke > 0) d = std::abs(d + o_.stroke / 2) - o_.stroke / 2;
    return d;
  }

  /// The same for the centres of 4 x 4 squares of n x n pixels, of which the first one begins at (y, x).
  void distances_at(Index y, Index x, Index n, PointBlock::Values& d) const {
    const float step = pixel_ * static_cast<float>(n), middle = 0.5f * static_cast<float>(n);
    const float left = (static_cast<float>(x) + middle) * pixel_ - 1 - o_.x;
    const float top = (static_cast<float>(y) + middle) * pixel_ - 1 - o_.y;
    PointBlock at;
    for (std::size_t k = 0; k < PointBlock::count; ++k) {
      const int row = static_cast<int>(k) / grid, column = static_cast<int>(k) % grid;
      const float dx = left + step * static_cast<float>(column), dy = top + step * static_cast<float>(row);
      at.x[k] = along_x_ * dx + along_y_ * dy, at.y[k] = down_y_ * dy - down_x_ * dx;
    }
    kind_.distances(at, d);
    for (float& one : d) one *= scale_;
    if (o_.stroke > 0)
      for (float& one : d) one = std::abs(one + o_.stroke / 2) - o_.stroke / 2;
  }

  /// Covers 4 x 4 squares of n x n pixels: as a whole, or not at all, where the square's centre is far enough from the
  /// edge; else each by its own 4 x 4 parts.
  void fill(Coverage& coverage, Index y, Index x, Index n) const {
    PointBlock::Values d;
    distances_at(y, x, n, d);
    if (n == 1) return cover_pixels(coverage, y, x, d);
    // Distances to a shape change by at most 1 for one unit of way.
    const float reach = pixel_ * (std::numbers::sqrt2_v<float> * 0.5f * static_cast<float>(n - 1) + 0.501f);
    for (std::size_t k = 0; k < PointBlock::count; ++k) {
      const Index top = y + static_cast<Index>(k) / grid * n, left = x + static_cast<Index>(k) % grid * n;
      if (d[k] > reach || top >= side_ || left >= side_) continue;
      if (d[k] >= -reach) {
        fill(coverage, top, left, n / grid);
        continue;
      }
      const Index width = std::min(n, side_ - left), end = std::min(top + n, side_);
      for (Index row = top; row < end; ++row) std::fill_n(coverage.touch(row, left, width), width, 1.f);
    }
  }
  void cover_pixels(Coverage& coverage, Index y, Index x, const PointBlock::Values& d) const {
    const Index width = std::min<Index>(grid, side_ - x), end = std::min(y + grid, side_);
    const float* from = d.data();
    for (Index row = y; row < end; ++row, from += grid) {
      float* share = coverage.touch(row, x, width);
      for (Index k = 0; k < width; ++k) share[k] = covered(from[k]);
    }
  }

  /// Paints a row by its coverage, and clears that.
  template <std::size_t Channels>
  void blend(Coverage& coverage, Index y) const {
    const auto [begin, end] = coverage.span(y);
    if (begin >= end) return;
    static thread_local std::vector<float> mix;
    const Index count = end - begin;
    mix.assign(to_size(count), 0.f);
    if (!texture_.plain()) texture_.read(y, begin, count, mix.data());
    const float* share = coverage.row(y) + begin;
    const float* m = mix.data();
    float* p = out_.data + (y * side_ + begin) * static_cast<Index>(Channels);
    const Color first = first_, second = second_;
    for (Index k = 0; k < count; ++k)
      for (std::size_t c = 0; c < Channels; ++c) {
        float& value = p[static_cast<std::size_t>(k) * Channels + c];
        value += share[k] * (first[c] + m[k] * (second[c] - first[c]) - value);
      }
    coverage.clear(y);
  }

  View<float> out_;
  Index side_, channels_;
  float pixel_, per_pixel_;  ///< side of a pixel in half sides, and its inverse
  ObjectFactors o_;
  shape_kinds::Kind kind_;
  Texture texture_;
  Color first_, second_;
  float along_x_ = 1, along_y_ = 0, down_x_ = 0, down_y_ = 1;  ///< from half sides to the shape's plane
  float scale_ = 1;                                            ///< and back: a distance of 1 there
};

}  // namespace sseg

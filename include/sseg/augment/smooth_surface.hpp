#pragma once
#include <algorithm>
#include <array>

#include "sseg/core/buffer.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// A random smooth function over a picture: a uniform cubic B-spline surface over 4×4 cells, whose 7×7 control points
/// are normal draws. Scaled to pixels, two of them are an elastic distortion.
class SmoothSurface {
 public:
  static constexpr int cells = 4, points = cells + 3;

  /// Cubic B-spline weights of one position, in cells: 0 … 4 from edge to edge of the picture.
  struct Spline {
    int first;
    std::array<float, 4> weight;
    explicit Spline(float t) : first(std::clamp(static_cast<int>(t), 0, cells - 1)) {
      const float f = t - static_cast<float>(first), g = 1 - f;
      weight = {g * g * g / 6, (4 - 6 * f * f + 3 * f * f * f) / 6, (4 - 6 * g * g + 3 * g * g * g) / 6, f * f * f / 6};
    }
  };

  /// The weights of a line of positions, the same for every row of a picture. Memory grows once.
  class Columns {
   public:
    /// Requires: `position(j)`, in cells, does not fall with j = 0 … width - 1.
    template <class Position>
    void set(Index width, const Position& position) {
      width_ = width;
      weight_.reserve_at_least(4 * width);
      begin_.fill(width);
      begin_[0] = 0;
      for (Index j = width - 1; j >= 0; --j) {
        const Spline spline(position(j));
        for (Index k = 0; k < 4; ++k) weight_[k * width + j] = spline.weight[to_size(k)];
        for (int cell = 1; cell <= spline.first; ++cell) begin_[to_size(cell)] = j;
      }
    }

   private:
    friend class SmoothSurface;
    Index width_ = 0;
    Buffer<float> weight_;                ///< (4, width)
    std::array<Index, cells + 1> begin_;  ///< of a cell's positions; the last is the width
  };

  SmoothSurface() = default;
  explicit SmoothSurface(Rng& rng) {
    for (auto& row : control_)
      for (float& v : row) v = rng.normal();
  }

  /// out[j] = the surface at row position `t` (in cells) and the j-th of the columns.
  void row(float t, const Columns& columns, float* out) const {
    const std::array<float, points> value = along(Spline(t));
    const float *w0 = columns.weight_.data(), *w1 = w0 + columns.width_, *w2 = w1 + columns.width_,
                *w3 = w2 + columns.width_;
    for (std::size_t cell = 0; cell < cells; ++cell) {
      const float v0 = value[cell], v1 = value[cell + 1], v2 = value[cell + 2], v3 = value[cell + 3];
      for (Index j = columns.begin_[cell]; j < columns.begin_[cell + 1]; ++j)
        out[j] = w0[j] * v0 + w1[j] * v1 + w2[j] * v2 + w3[j] * v3;
    }
  }

 private:
  std::array<float, points> along(const Spline& row) const {
    std::array<float, points> value{};
    for (int k = 0; k < 4; ++k)
      for (std::size_t j = 0; j < points; ++j)
        value[j] += row.weight[static_cast<std::size_t>(k)] * control_[to_size(row.first + k)][j];
    return value;
  }

  std::array<std::array<float, points>, points> control_{};
};

}  // namespace sseg

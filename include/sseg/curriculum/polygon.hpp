#pragma once
#include <array>
#include <cmath>
#include <limits>

#include "sseg/curriculum/point.hpp"

namespace sseg {

/// A simple polygon, its edges laid out so that a loop over them vectorises.
template <std::size_t N>
class Polygon {
  static_assert(N >= 3, "sseg::Polygon: a polygon has at least three corners.");

 public:
  explicit Polygon(const std::array<Point, N>& corner) {
    for (std::size_t i = 0; i < N; ++i) {
      const Point a = corner[(i + N - 1) % N], b = corner[i];
      x_[i] = a.x, y_[i] = a.y, end_y_[i] = b.y;
      dx_[i] = b.x - a.x, dy_[i] = b.y - a.y;
      per_square_[i] = 1 / (dx_[i] * dx_[i] + dy_[i] * dy_[i]);
      slope_[i] = dy_[i] == 0 ? 0 : dx_[i] / dy_[i];  // 0: a level edge is never crossed
    }
  }

  /// Signed distance: to the nearest edge, negative inside, by the even-odd rule.
  float distance(Point p) const {
    std::array<float, N> square;
    for (std::size_t i = 0; i < N; ++i) {
      const float wx = p.x - x_[i], wy = p.y - y_[i];
      const float t = (wx * dx_[i] + wy * dy_[i]) * per_square_[i];
      const float held = 0.5f * (std::abs(t) - std::abs(t - 1) + 1);  // in [0, 1], without a branch
      const float u = wx - held * dx_[i], v = wy - held * dy_[i];
      square[i] = u * u + v * v;
    }
    float nearest = square[0];
    for (std::size_t i = 1; i < N; ++i) nearest = square[i] < nearest ? square[i] : nearest;
    int crossed = 0;
    for (std::size_t i = 0; i < N; ++i)
      if ((y_[i] > p.y) != (end_y_[i] > p.y)) crossed += static_cast<int>(p.x - x_[i] < slope_[i] * (p.y - y_[i]));
    const float d = std::sqrt(nearest);
    return (crossed & 1) != 0 ? -d : d;
  }

  /// The same for sixteen points at once.
  void distances(const PointBlock& p, PointBlock::Values& out) const {
    PointBlock::Values nearest;
    std::array<int, PointBlock::count> crossed{};
    nearest.fill(std::numeric_limits<float>::max());
    for (std::size_t i = 0; i < N; ++i)
      for (std::size_t k = 0; k < PointBlock::count; ++k) {
        const float wx = p.x[k] - x_[i], wy = p.y[k] - y_[i];
        const float t = (wx * dx_[i] + wy * dy_[i]) * per_square_[i];
        const float held = 0.5f * (std::abs(t) - std::abs(t - 1) + 1);
        const float u = wx - held * dx_[i], v = wy - held * dy_[i];
        const float square = u * u + v * v;
        nearest[k] = square < nearest[k] ? square : nearest[k];
        const int above = y_[i] > p.y[k] ? 1 : 0, end_above = end_y_[i] > p.y[k] ? 1 : 0;
        crossed[k] ^= (above ^ end_above) & (wx < slope_[i] * wy ? 1 : 0);
      }
    for (std::size_t k = 0; k < PointBlock::count; ++k) {
      const float d = std::sqrt(nearest[k]);
      out[k] = crossed[k] != 0 ? -d : d;
    }
  }

 private:
  std::array<float, N> x_, y_, end_y_, dx_, dy_, per_square_, slope_;
};

/// `polygon({x, y}, …)`
template <class... Points>
Polygon<sizeof...(Points)> polygon(Points... corner) {
  return Polygon<sizeof...(Points)>({corner...});
}

/// A regular star: `Tips` tips at radius 1, the first at the top; between two tips, a corner at radius `inner`.
template <std::size_t Tips>
Polygon<2 * Tips> star(float inner) {
  std::array<Point, 2 * Tips> v;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const float angle = static_cast<float>(i) * 3.14159265f / static_cast<float>(Tips);
    const float r = i % 2 == 0 ? 1.f : inner;
    v[i] = {r * std::sin(angle), -r * std::cos(angle)};
  }
  return Polygon<2 * Tips>(v);
}

/// A regular polygon with a corner at the top, at radius 1.
template <std::size_t Sides>
Polygon<Sides> regular_polygon() {
  std::array<Point, Sides> v;
  for (std::size_t i = 0; i < Sides; ++i) {
    const float angle = static_cast<float>(i) * 2 * 3.14159265f / static_cast<float>(Sides);
    v[i] = {std::sin(angle), -std::cos(angle)};
  }
  return Polygon<Sides>(v);
}

}  // namespace sseg

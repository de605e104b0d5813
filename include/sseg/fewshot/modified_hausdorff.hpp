#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

namespace detail {

struct InkPoint {
  double y = 0, x = 0;
};

/// Coordinates of the ink pixels (above 1/2) of a drawing (H, W, 1), minus their mean.
inline std::vector<InkPoint> ink_points(View<const float> drawing) {
  require(drawing.shape.rank == 3 && drawing.shape[2] == 1, "not a drawing", "modified_hausdorff", "Give (H, W, 1).");
  std::vector<InkPoint> points;
  InkPoint sum;
  for (Index i = 0; i < drawing.shape.count(); ++i) {
    if (!(drawing.data[i] > 0.5f)) continue;
    const Index row = i / drawing.shape[1], column = i % drawing.shape[1];
    points.push_back({static_cast<double>(row), static_cast<double>(column)});
    sum.y += points.back().y, sum.x += points.back().x;
  }
  require(!points.empty(), "the drawing has no ink", "modified_hausdorff", "Ink is 1 and paper 0; check the drawing.");
  const auto n = static_cast<double>(points.size());
  for (InkPoint& p : points) p.y -= sum.y / n, p.x -= sum.x / n;
  return points;
}

/// Mean over the points of a of the distance to the nearest point of b.
inline double mean_nearest(const std::vector<InkPoint>& a, const std::vector<InkPoint>& b) {
  double sum = 0;
  for (const InkPoint& p : a) {
    double nearest = std::numeric_limits<double>::max();
    for (const InkPoint& q : b) nearest = std::min(nearest, (p.y - q.y) * (p.y - q.y) + (p.x - q.x) * (p.x - q.x));
    sum += std::sqrt(nearest);
  }
  return sum / static_cast<double>(a.size());
}

}  // namespace detail

/// Modified Hausdorff distance of the ink of two drawings (H, W, 1), in pixels, each centred on its mean:
/// max(mean_a min_b |a - b|, mean_b min_a |a - b|) (Dubuisson & Jain, ICPR 1994). Needs no training; on the 20 official
/// Omniglot runs at 105 x 105 it errs in 38.8 % (Lake et al. 2015). Throws `Error` when a drawing has no ink.
inline double modified_hausdorff(View<const float> a, View<const float> b) {
  const auto p = detail::ink_points(a), q = detail::ink_points(b);
  return std::max(detail::mean_nearest(p, q), detail::mean_nearest(q, p));
}

}  // namespace sseg

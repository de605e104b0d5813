#pragma once
#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "sseg/core/shape.hpp"

namespace sseg {

/// Where a minimisation ended.
struct Minimum {
  double value = 0;
  double steepest = 0;  ///< largest |∂f/∂x_i|, not a number where one of them is none
  Index iterations = 0;
  bool converged = false;  ///< `steepest` is within the tolerance
};

/// Minimises a smooth function by limited-memory BFGS (Nocedal 1980) with a bisection for the weak Wolfe conditions
/// (Lewis & Overton 2013), from where x stands. Deterministic. Meant for small convex problems.
struct Lbfgs {
  Index memory = 10;
  Index max_iterations = 500;
  double tolerance = 1e-8;  ///< of `steepest`

  /// `f(x, gradient)` returns the value and fills the gradient. x ends at the best point found.
  template <class F>
  Minimum minimise(F&& f, std::vector<double>& x) const {
    Point at{x, std::vector<double>(x.size()), 0}, next = at;
    at.value = f(std::span<const double>(at.x), std::span<double>(at.gradient));
    std::deque<Pair> pairs;
    Index iteration = 0;
    while (steepest(at) > tolerance && iteration < max_iterations) {
      ++iteration;
      const std::vector<double> direction = descent(at, pairs);
      if (!search(f, at, direction, pairs.empty(), next)) break;
      remember(at, next, pairs);
      std::swap(at, next);
    }
    x = at.x;
    return {at.value, steepest(at), iteration, steepest(at) <= tolerance};
  }

 private:
  struct Point {
    std::vector<double> x, gradient;
    double value;
  };
  struct Pair {
    std::vector<double> step, change;  // of x and of the gradient
    double curvature;                  // their product
  };

  static double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  }
  static void add(double weight, const std::vector<double>& a, std::vector<double>& to) {
    for (std::size_t i = 0; i < a.size(); ++i) to[i] += weight * a[i];
  }
  static double steepest(const Point& p) {
    double most = 0;
    for (const double g : p.gradient) {
      if (std::isnan(g)) return g;
      most = std::max(most, std::abs(g));
    }
    return most;
  }

  /// −H·gradient by the two-loop recursion.
  static std::vector<double> descent(const Point& at, const std::deque<Pair>& pairs) {
    std::vector<double> d = at.gradient, along(pairs.size());
    for (std::size_t i = pairs.size(); i-- > 0;) {
      along[i] = dot(pairs[i].step, d) / pairs[i].curvature;
      add(-along[i], pairs[i].change, d);
    }
    if (!pairs.empty())
      for (double& v : d) v *= pairs.back().curvature / dot(pairs.back().change, pairs.back().change);
    for (std::size_t i = 0; i < pairs.size(); ++i)
      add(along[i] - dot(pairs[i].change, d) / pairs[i].curvature, pairs[i].step, d);
    for (double& v : d) v = -v;
    return d;
  }

  /// The first step along `direction` that lowers f enough and flattens it enough; false when there is none.
  template <class F>
  static bool search(F& f, const Point& at, const std::vector<double>& direction, bool first, Point& next) {
    constexpr double enough_lower = 1e-4, enough_flatter = 0.9;
    const double slope = dot(at.gradient, direction);
    if (!(slope < 0)) return false;
    double low = 0, high = std::numeric_limits<double>::infinity();
    double step = first ? 1 / std::sqrt(dot(direction, direction)) : 1;
    for (int trial = 0; trial < 60; ++trial) {
      next.x = at.x;
      add(step, direction, next.x);
      next.value = f(std::span<const double>(next.x), std::span<double>(next.gradient));
      if (!(next.value <= at.value + enough_lower * step * slope))
        high = step;
      else if (dot(next.gradient, direction) < enough_flatter * slope)
        low = step;
      else
        return true;
      step = std::isinf(high) ? 2 * low : (low + high) / 2;
    }
    return false;
  }

  void remember(const Point& at, const Point& next, std::deque<Pair>& pairs) const {
    Pair p{next.x, next.gradient, 0};
    add(-1, at.x, p.step);
    add(-1, at.gradient, p.change);
    p.curvature = dot(p.step, p.change);
    if (!(p.curvature > 0)) return;  // the Wolfe conditions exclude it but for rounding
    if (static_cast<Index>(pairs.size()) == memory) pairs.pop_front();
    pairs.push_back(std::move(p));
  }
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "sseg/core/shape.hpp"
#include "sseg/curriculum/polygon.hpp"

/// The kinds of shape, each a class. Distances are signed: negative inside, in units of the plane, and change by at
/// most 1 for one unit of way.
namespace sseg::shape_kinds {

inline float circle(Point p, float radius) { return std::sqrt(p.x * p.x + p.y * p.y) - radius; }

struct Kind {
  std::string_view name;
  float (*distance)(Point);
  void (*distances)(const PointBlock&, PointBlock::Values&);  ///< the same for sixteen points
};

/// A kind made of a formula for the distance of a point.
template <class F>
constexpr Kind curved(std::string_view name, F) {
  return {name, [](Point p) -> float { return F{}(p); },
          [](const PointBlock& p, PointBlock::Values& out) {
            for (std::size_t k = 0; k < PointBlock::count; ++k) out[k] = F{}(Point{p.x[k], p.y[k]});
          }};
}

/// A kind made of a polygon, which is built at its first use.
template <class Make>
constexpr Kind straight(std::string_view name, Make) {
  constexpr auto shape = []() -> const auto& {
    static const auto made = Make{}();
    return made;
  };
  using Shape = decltype(shape);
  return {name, [](Point p) { return Shape{}().distance(p); },
          [](const PointBlock& p, PointBlock::Values& out) { Shape{}().distances(p, out); }};
}

inline constexpr std::array<Kind, 20> all{
    curved("circle", [](Point p) { return circle(p, 0.85f); }),
    straight("square", [] { return regular_polygon<4>(); }),
    straight("triangle", [] { return regular_polygon<3>(); }),
    straight("hexagon", [] { return regular_polygon<6>(); }),
    straight("star", [] { return star<5>(0.4f); }),
    curved("ring", [](Point p) { return std::abs(circle(p, 0.65f)) - 0.22f; }),
    straight("bar",
             [] {
               return polygon(Point{-1, -.28f}, Point{1, -.28f}, Point{1, .28f}, Point{-1, .28f});
             }),
    straight("ell",
             [] {
               return polygon(Point{-.7f, -.9f}, Point{-.2f, -.9f}, Point{-.2f, .4f}, Point{.7f, .4f}, Point{.7f, .9f},
                              Point{-.7f, .9f});
             }),
    straight("arrow",
             [] {
               return polygon(Point{0, -1}, Point{.8f, -.1f}, Point{.3f, -.1f}, Point{.3f, .9f}, Point{-.3f, .9f},
                              Point{-.3f, -.1f}, Point{-.8f, -.1f});
             }),
    curved("half_disc",
           [](Point p) {
             return std::max(circle({p.x, p.y - .4f}, .9f), p.y - .4f);
           }),
    straight("trapezoid",
             [] {
               return polygon(Point{-.4f, -.6f}, Point{.4f, -.6f}, Point{1, .6f}, Point{-1, .6f});
             }),
    straight("bow_tie",
             [] {
               return polygon(Point{-.9f, -.7f}, Point{0, -.12f}, Point{.9f, -.7f}, Point{.9f, .7f}, Point{0, .12f},
                              Point{-.9f, .7f});
             }),
    straight("cross",
             [] {
               return polygon(Point{-.28f, -.95f}, Point{.28f, -.95f}, Point{.28f, -.28f}, Point{.95f, -.28f},
                              Point{.95f, .28f}, Point{.28f, .28f}, Point{.28f, .95f}, Point{-.28f, .95f},
                              Point{-.28f, .28f}, Point{-.95f, .28f}, Point{-.95f, -.28f}, Point{-.28f, -.28f});
             }),
    curved("crescent",
           [](Point p) {
             return std::max(circle(p, 0.9f), -circle({p.x - .45f, p.y}, .75f));
           }),
    straight("tee",
             [] {
               return polygon(Point{-.85f, -.9f}, Point{.85f, -.9f}, Point{.85f, -.4f}, Point{.25f, -.4f},
                              Point{.25f, .9f}, Point{-.25f, .9f}, Point{-.25f, -.4f}, Point{-.85f, -.4f});
             }),
    straight("rhombus",
             [] {
               return polygon(Point{0, -1}, Point{.55f, 0}, Point{0, 1}, Point{-.55f, 0});
             }),
    straight("gear", [] { return star<8>(0.7f); }),
    straight("chevron",
             [] {
               return polygon(Point{0, -.8f}, Point{.9f, .2f}, Point{.9f, .85f}, Point{0, -.1f}, Point{-.9f, .85f},
                              Point{-.9f, .2f});
             }),
    curved("open_ring",
           [](Point p) { return std::max(std::abs(circle(p, 0.65f)) - 0.22f, std::min(p.x, .4f - std::abs(p.y))); }),
    curved("dumbbell",
           [](Point p) {
             return std::min({circle({p.x - .6f, p.y}, .38f), circle({p.x + .6f, p.y}, .38f),
                              std::max(std::abs(p.y) - .14f, std::abs(p.x) - .6f)});
           }),
};

}  // namespace sseg::shape_kinds

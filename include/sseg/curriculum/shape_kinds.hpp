#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>

#include "sseg/core/shape.hpp"

namespace sseg {

/// A point of the drawing plane; shapes live in about [-1, 1]².
struct Point {
  float x = 0, y = 0;
};

/// The kinds of shape, each a class. Distances are signed: negative inside, in units of the plane.
namespace shape_kinds {

inline float circle(Point p, float radius) { return std::hypot(p.x, p.y) - radius; }

/// Signed distance to a simple polygon: distance to the nearest edge, its sign by the even-odd rule.
inline float polygon(Point p, std::span<const Point> v) {
  float nearest = std::numeric_limits<float>::max();
  bool inside = false;
  for (std::size_t i = 0, j = v.size() - 1; i < v.size(); j = i++) {
    const Point e{v[j].x - v[i].x, v[j].y - v[i].y}, w{p.x - v[i].x, p.y - v[i].y};
    const float t = std::clamp((w.x * e.x + w.y * e.y) / (e.x * e.x + e.y * e.y), 0.f, 1.f);
    nearest = std::min(nearest, std::hypot(w.x - t * e.x, w.y - t * e.y));
    if ((v[i].y > p.y) != (v[j].y > p.y) && p.x < (v[j].x - v[i].x) * (p.y - v[i].y) / (v[j].y - v[i].y) + v[i].x)
      inside = !inside;
  }
  return inside ? -nearest : nearest;
}

/// Regular polygon or star: `points` tips at radius 1; between two tips, a vertex at radius `inner`.
template <std::size_t Points>
float star(Point p, float inner) {
  std::array<Point, 2 * Points> v;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const float angle = static_cast<float>(i) * 3.14159265f / static_cast<float>(Points);
    const float r = i % 2 == 0 ? 1.f : inner;
    v[i] = {r * std::sin(angle), -r * std::cos(angle)};
  }
  return polygon(p, v);
}
/// A regular polygon is a star whose inner vertices lie on its edges.
template <std::size_t Sides>
float regular(Point p) {
  return star<Sides>(p, std::cos(3.14159265f / static_cast<float>(Sides)));
}
template <std::size_t N>
float outline(Point p, const Point (&v)[N]) {
  return polygon(p, v);
}

struct Kind {
  std::string_view name;
  float (*distance)(Point);
};

inline constexpr std::array<Kind, 20> all{{
    {"circle", [](Point p) { return circle(p, 0.85f); }},
    {"square", [](Point p) { return regular<4>(p); }},
    {"triangle", [](Point p) { return regular<3>(p); }},
    {"hexagon", [](Point p) { return regular<6>(p); }},
    {"star", [](Point p) { return star<5>(p, 0.4f); }},
    {"ring", [](Point p) { return std::abs(circle(p, 0.65f)) - 0.22f; }},
    {"bar",
     [](Point p) {
       return outline(p, {{-1, -.28f}, {1, -.28f}, {1, .28f}, {-1, .28f}});
     }},
    {"ell",
     [](Point p) {
       return outline(p, {{-.7f, -.9f}, {-.2f, -.9f}, {-.2f, .4f}, {.7f, .4f}, {.7f, .9f}, {-.7f, .9f}});
     }},
    {"arrow",
     [](Point p) {
       return outline(p, {{0, -1}, {.8f, -.1f}, {.3f, -.1f}, {.3f, .9f}, {-.3f, .9f}, {-.3f, -.1f}, {-.8f, -.1f}});
     }},
    {"half_disc",
     [](Point p) {
       return std::max(circle({p.x, p.y - .4f}, .9f), p.y - .4f);
     }},
    {"trapezoid",
     [](Point p) {
       return outline(p, {{-.4f, -.6f}, {.4f, -.6f}, {1, .6f}, {-1, .6f}});
     }},
    {"bow_tie",
     [](Point p) {
       return outline(p, {{-.9f, -.7f}, {0, -.12f}, {.9f, -.7f}, {.9f, .7f}, {0, .12f}, {-.9f, .7f}});
     }},
    {"cross",
     [](Point p) {
       return std::min(outline(p, {{-.28f, -.95f}, {.28f, -.95f}, {.28f, .95f}, {-.28f, .95f}}),
                       outline(p, {{-.95f, -.28f}, {.95f, -.28f}, {.95f, .28f}, {-.95f, .28f}}));
     }},
    {"crescent",
     [](Point p) {
       return std::max(circle(p, 0.9f), -circle({p.x - .45f, p.y}, .75f));
     }},
    {"tee",
     [](Point p) {
       return outline(p, {{-.85f, -.9f},
                          {.85f, -.9f},
                          {.85f, -.4f},
                          {.25f, -.4f},
                          {.25f, .9f},
                          {-.25f, .9f},
                          {-.25f, -.4f},
                          {-.85f, -.4f}});
     }},
    {"rhombus",
     [](Point p) {
       return outline(p, {{0, -1}, {.55f, 0}, {0, 1}, {-.55f, 0}});
     }},
    {"gear", [](Point p) { return star<8>(p, 0.7f); }},
    {"chevron",
     [](Point p) {
       return outline(p, {{0, -.8f}, {.9f, .2f}, {.9f, .85f}, {0, -.1f}, {-.9f, .85f}, {-.9f, .2f}});
     }},
    {"open_ring",
     [](Point p) { return std::max(std::abs(circle(p, 0.65f)) - 0.22f, .4f - std::abs(p.y) - .6f * (p.x < 0)); }},
    {"dumbbell",
     [](Point p) {
       return std::min({circle({p.x - .6f, p.y}, .38f), circle({p.x + .6f, p.y}, .38f),
                        std::max(std::abs(p.y) - .14f, std::abs(p.x) - .6f)});
     }},
}};

}  // namespace shape_kinds

}  // namespace sseg

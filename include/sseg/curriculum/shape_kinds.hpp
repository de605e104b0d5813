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
};

inline constexpr std::array<Kind, 20> all{{
    {"circle", [](Point p) { return circle(p, 0.85f); }},
    {"square",
     [](Point p) {
       static const auto shape = regular_polygon<4>();
       return shape.distance(p);
     }},
    {"triangle",
     [](Point p) {
       static const auto shape = regular_polygon<3>();
       return shape.distance(p);
     }},
    {"hexagon",
     [](Point p) {
       static const auto shape = regular_polygon<6>();
       return shape.distance(p);
     }},
    {"star",
     [](Point p) {
       static const auto shape = star<5>(0.4f);
       return shape.distance(p);
     }},
    {"ring", [](Point p) { return std::abs(circle(p, 0.65f)) - 0.22f; }},
    {"bar",
     [](Point p) {
       static const auto shape = polygon(Point{-1, -.28f}, Point{1, -.28f}, Point{1, .28f}, Point{-1, .28f});
       return shape.distance(p);
     }},
    {"ell",
     [](Point p) {
       static const auto shape = polygon(Point{-.7f, -.9f}, Point{-.2f, -.9f}, Point{-.2f, .4f}, Point{.7f, .4f},
                                         Point{.7f, .9f}, Point{-.7f, .9f});
       return shape.distance(p);
     }},
    {"arrow",
     [](Point p) {
       static const auto shape = polygon(Point{0, -1}, Point{.8f, -.1f}, Point{.3f, -.1f}, Point{.3f, .9f},
                                         Point{-.3f, .9f}, Point{-.3f, -.1f}, Point{-.8f, -.1f});
       return shape.distance(p);
     }},
    {"half_disc",
     [](Point p) {
       return std::max(circle({p.x, p.y - .4f}, .9f), p.y - .4f);
     }},
    {"trapezoid",
     [](Point p) {
       static const auto shape = polygon(Point{-.4f, -.6f}, Point{.4f, -.6f}, Point{1, .6f}, Point{-1, .6f});
       return shape.distance(p);
     }},
    {"bow_tie",
     [](Point p) {
       static const auto shape = polygon(Point{-.9f, -.7f}, Point{0, -.12f}, Point{.9f, -.7f}, Point{.9f, .7f},
                                         Point{0, .12f}, Point{-.9f, .7f});
       return shape.distance(p);
     }},
    {"cross",
     [](Point p) {
       static const auto shape =
           polygon(Point{-.28f, -.95f}, Point{.28f, -.95f}, Point{.28f, -.28f}, Point{.95f, -.28f}, Point{.95f, .28f},
                   Point{.28f, .28f}, Point{.28f, .95f}, Point{-.28f, .95f}, Point{-.28f, .28f}, Point{-.95f, .28f},
                   Point{-.95f, -.28f}, Point{-.28f, -.28f});
       return shape.distance(p);
     }},
    {"crescent",
     [](Point p) {
       return std::max(circle(p, 0.9f), -circle({p.x - .45f, p.y}, .75f));
     }},
    {"tee",
     [](Point p) {
       static const auto shape = polygon(Point{-.85f, -.9f}, Point{.85f, -.9f}, Point{.85f, -.4f}, Point{.25f, -.4f},
                                         Point{.25f, .9f}, Point{-.25f, .9f}, Point{-.25f, -.4f}, Point{-.85f, -.4f});
       return shape.distance(p);
     }},
    {"rhombus",
     [](Point p) {
       static const auto shape = polygon(Point{0, -1}, Point{.55f, 0}, Point{0, 1}, Point{-.55f, 0});
       return shape.distance(p);
     }},
    {"gear",
     [](Point p) {
       static const auto shape = star<8>(0.7f);
       return shape.distance(p);
     }},
    {"chevron",
     [](Point p) {
       static const auto shape = polygon(Point{0, -.8f}, Point{.9f, .2f}, Point{.9f, .85f}, Point{0, -.1f},
                                         Point{-.9f, .85f}, Point{-.9f, .2f});
       return shape.distance(p);
     }},
    {"open_ring",
     [](Point p) { return std::max(std::abs(circle(p, 0.65f)) - 0.22f, std::min(p.x, .4f - std::abs(p.y))); }},
    {"dumbbell",
     [](Point p) {
       return std::min({circle({p.x - .6f, p.y}, .38f), circle({p.x + .6f, p.y}, .38f),
                        std::max(std::abs(p.y) - .14f, std::abs(p.x) - .6f)});
     }},
}};

}  // namespace sseg::shape_kinds

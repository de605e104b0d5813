#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "sseg/concepts/dataset.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/curriculum/shape_kinds.hpp"
#include "sseg/data/images.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Gray pictures of one shape each, class = kind of shape, drawn with antialiased edges: level 1 of the curriculum.
/// Position, size, rotation, filling or outline, brightness of shape and ground, and noise vary from image to image.
/// A pure function of (seed, index): image i is of kind first_kind + i mod kinds.
struct SyntheticShapes {
  std::uint64_t seed = 1;
  Index count = 1000;
  Index side = 28;       ///< height and width in pixels
  Index first_kind = 0;  ///< position in shape_kinds::all
  Index kinds = static_cast<Index>(shape_kinds::all.size());
  float rotation = 30.f;  ///< degrees at most
  float shift = 0.15f;    ///< of the centre, at most, in half sides
  float noise = 0.08f;    ///< standard deviation a pixel
  bool operator==(const SyntheticShapes&) const = default;

  Index size() const { return count; }
  ImageSpec spec() const { return {{side, side, 1}, kinds, "shapes"}; }

  Index read(Index i, View<float> out) const {
    const Index kind = i % kinds;
    Rng rng = Rng(seed).split("shapes").split(static_cast<std::uint64_t>(i));
    const Factors f = draw_factors(rng);
    const float pixel = 2.f / static_cast<float>(side);
    for (Index y = 0; y < side; ++y)
      for (Index x = 0; x < side; ++x) {
        const Point p{(static_cast<float>(x) + .5f) * pixel - 1, (static_cast<float>(y) + .5f) * pixel - 1};
        const float value = f.ground + (f.shape - f.ground) * coverage(f, kind, p, pixel);
        out.data[y * side + x] = std::clamp(value + noise * rng.normal(), 0.f, 1.f);
      }
    return kind;
  }

  /// All of them in memory, with class names. Throws: Error when the sizes make no sense.
  Images images() const {
    const auto all = static_cast<Index>(shape_kinds::all.size());
    require(side >= 4 && count >= 1 && kinds >= 1 && first_kind >= 0 && first_kind + kinds <= all,
            "no such set of shapes", "SyntheticShapes", "side ≥ 4, count ≥ 1, first_kind + kinds ≤ 20");
    Images set{"shapes", {side, side, 1}, Buffer<float>(count * side * side), {}, {}, {}, {}};
    for (Index k = 0; k < kinds; ++k) set.classes.emplace_back(shape_kinds::all[to_size(first_kind + k)].name);
    for (Index i = 0; i < count; ++i) set.label.push_back(read(i, set.image(i)));
    return set;
  }

 private:
  struct Factors {
    float cos, sin, size, x, y, stroke, shape, ground;
  };

  Factors draw_factors(Rng& rng) const {
    const float angle = rng.uniform(-rotation, rotation) * std::numbers::pi_v<float> / 180;
    const bool filled = rng.chance(0.5f);
    Factors f{};
    f.cos = std::cos(angle);
    f.sin = std::sin(angle);
    f.size = rng.uniform(0.5f, 0.8f);
    f.x = rng.uniform(-shift, shift);
    f.y = rng.uniform(-shift, shift);
    f.stroke = filled ? 0.f : rng.uniform(0.1f, 0.2f);
    f.shape = rng.uniform(0.6f, 1.f);
    f.ground = rng.uniform(0.f, 0.25f);
    return f;
  }

  /// Share of the pixel at p that the shape covers: its edge blurred over one pixel.
  float coverage(const Factors& f, Index kind, Point p, float pixel) const {
    const float dx = (p.x - f.x) / f.size, dy = (p.y - f.y) / f.size;
    const Point turned{f.cos * dx + f.sin * dy, f.cos * dy - f.sin * dx};
    float d = shape_kinds::all[to_size(first_kind + kind)].distance(turned) * f.size;
    if (f.stroke > 0) d = std::abs(d + f.stroke / 2) - f.stroke / 2;
    return std::clamp(0.5f - d / pixel, 0.f, 1.f);
  }
};

static_assert(Dataset<SyntheticShapes>);

}  // namespace sseg

SSEG_FIELDS(sseg::SyntheticShapes, seed, count, side, first_kind, kinds, rotation, shift, noise);

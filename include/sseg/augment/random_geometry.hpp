#pragma once
#include <algorithm>
#include <cmath>
#include <optional>

#include "sseg/augment/flip.hpp"
#include "sseg/augment/mirror.hpp"
#include "sseg/augment/random_resized_crop.hpp"
#include "sseg/augment/smooth_surface.hpp"
#include "sseg/augment/tent_sampler.hpp"
#include "sseg/augment/warp.hpp"
#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/data/resize.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Warp, random resized crop and flip as one map from result to picture, and so one resampling: what
/// pipeline(warp, crop, flip) shows, without the blur of resampling twice. With `warp_probability` the crop is warped;
/// without a warp the result is exactly that of pipeline(crop, flip), from the same draws.
/// Where the map shrinks, a tent averages the pixels under it (`TentSampler`). Its reach along a source axis is the
/// length of the map's row for that axis, the standard deviation that an ellipse under the pixel has there (Heckbert
/// 1989), so turning does not widen it; the bend of the elastic part is left out of that length.
struct RandomGeometry {
  RandomResizedCrop crop{};
  Flip flip{};
  Warp warp{};
  float warp_probability = 1;
  bool repeat_edge = false;  ///< outside the picture lie its border's values, as suits photographs; else zeros
  bool operator==(const RandomGeometry&) const = default;

  /// One draw.
  struct Map {
    Window window;
    Mirror mirror;
    std::optional<Warp::Map> warp;
  };

  constexpr Shape out_shape(Shape s) const { return crop.out_shape(s); }

  /// Throws `Error`: as `RandomResizedCrop::window`.
  Map draw(Rng& rng, Shape picture) const {
    Map map{crop.window(rng, picture), flip.draw(rng), std::nullopt};
    if (warp_probability > 0 && rng.chance(warp_probability)) map.warp = warp.draw(rng, picture);
    return map;
  }

  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    apply(draw(rng, in.shape), repeat_edge, in, out);
  }

  /// Draws nothing. in (H, W, C), out (h, w, C).
  static void apply(const Map& map, bool repeat_edge, View<const float> in, View<float> out) {
    detail::check_resize(in.shape, out.shape);
    if (map.warp)
      resample(map, repeat_edge, in, out);
    else
      crop_and_mirror(map, in, out);
  }

 private:
  static void crop_and_mirror(const Map& map, View<const float> in, View<float> out) {
    if (map.mirror == Mirror{}) return resize_crop(in, map.window, out, ResizeFilter::triangle);
    static thread_local Buffer<float> cropped;
    cropped.reserve_at_least(out.shape.count());
    resize_crop(in, map.window, {cropped.data(), out.shape}, ResizeFilter::triangle);
    map.mirror.apply({cropped.data(), out.shape}, out);
  }

  /// One row of the result: where its pixels come from, and what the elastic surfaces add.
  struct Line {
    float *x, *y, *bent_x, *bent_y;
  };

  static void resample(const Map& map, bool repeat_edge, View<const float> in, View<float> out) {
    static thread_local TentSampler sampler;
    static thread_local SmoothSurface::Columns columns;  // the same for every row
    static thread_local Buffer<float> memory;
    const Index h = out.shape[0], w = out.shape[1];
    memory.reserve_at_least(4 * w);
    const Line line{memory.data(), memory.data() + w, memory.data() + 2 * w, memory.data() + 3 * w};
    const float down = static_cast<float>(map.window.height) / static_cast<float>(h);
    const float right = static_cast<float>(map.window.width) / static_cast<float>(w);
    const float top = static_cast<float>(map.window.top) + 0.5f * down - 0.5f;
    const float left = static_cast<float>(map.window.left) + 0.5f * right - 0.5f;
    const float cells_x = SmoothSurface::cells / static_cast<float>(in.shape[1]);
    const float cells_y = SmoothSurface::cells / static_cast<float>(in.shape[0]);
    const AffineMap& a = map.warp->affine;
    sampler.set(in, std::hypot(a.yx * right, a.yy * down), std::hypot(a.xx * right, a.xy * down), repeat_edge);
    columns.set(w, [&](Index j) { return (left + right * static_cast<float>(j)) * cells_x; });
    for (Index i = 0; i < h; ++i) {
      const float row = top + down * static_cast<float>(map.mirror.top_bottom ? h - 1 - i : i);
      bend(*map.warp, row * cells_y, columns, w, line);
      place(*map.warp, row, left, right, w, line);
      if (map.mirror.left_right) std::reverse(line.x, line.x + w), std::reverse(line.y, line.y + w);
      sampler.read(line.y, line.x, w, out.data + i * w * out.shape[2]);
    }
  }

  static void bend(const Warp::Map& warp, float t, const SmoothSurface::Columns& columns, Index w, const Line& line) {
    if (warp.reach_x == 0 && warp.reach_y == 0) {
      std::fill_n(line.bent_x, w, 0.f), std::fill_n(line.bent_y, w, 0.f);
      return;
    }
    warp.dx.row(t, columns, line.bent_x);
    warp.dy.row(t, columns, line.bent_y);
  }

  /// `row`, `left`: the place of the row and of its first pixel in the warped picture; `right`: a pixel's step there.
  static void place(const Warp::Map& warp, float row, float left, float right, Index w, const Line& line) {
    const AffineMap& a = warp.affine;
    const float v = row - a.centre_y;
    for (Index j = 0; j < w; ++j) {
      const float u = left + right * static_cast<float>(j) - a.centre_x;
      line.x[j] = a.xx * u + a.xy * v + a.x0 + warp.reach_x * line.bent_x[j];
      line.y[j] = a.yx * u + a.yy * v + a.y0 + warp.reach_y * line.bent_y[j];
    }
  }
};

static_assert(Augmentation<RandomGeometry>);

}  // namespace sseg

SSEG_FIELDS(sseg::RandomGeometry, crop, flip, warp, warp_probability, repeat_edge);

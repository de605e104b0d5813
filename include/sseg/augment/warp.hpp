#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/augment/affine_map.hpp"
#include "sseg/augment/smooth_surface.hpp"
#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// A random affine map and a smooth random displacement (elastic distortion, Simard et al. 2003) in one bilinear
/// resampling; what comes from outside the image is 0. Amounts are limits of uniform draws: rotation in degrees, scale
/// and shear as fractions, translation and elastic displacement (standard deviation) as fractions of the side.
struct Warp {
  float rotate = 15.f;
  float scale = 0.2f;  ///< factor exp(±scale), for each axis on its own
  float shear = 0.2f;
  float translate = 0.1f;
  float elastic = 0.03f;  ///< of a cubic B-spline surface over a 4×4 grid of normal draws
  bool operator==(const Warp&) const = default;

  /// One draw: where each pixel comes from.
  struct Map {
    AffineMap affine;
    SmoothSurface dx, dy;
    float reach_x = 0, reach_y = 0;  ///< pixels for 1 of dx and dy
  };

  constexpr Shape out_shape(Shape s) const { return s; }

  Map draw(Rng& rng, Shape picture) const {
    const AffineMap affine = draw_affine(rng, picture);
    const SmoothSurface dx(rng), dy(rng);
    return {affine, dx, dy, elastic * static_cast<float>(picture[1]), elastic * static_cast<float>(picture[0])};
  }

  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    check(in.shape, out.shape);
    apply(draw(rng, in.shape), in, out);
  }

  /// Draws nothing. Throws `Error`: not two pictures (H, W, C) of one shape.
  static void apply(const Map& map, View<const float> in, View<float> out) {
    check(in.shape, out.shape);
    if (in.shape[2] == 1)
      resample<1>(map, in, out);
    else if (in.shape[2] == 3)
      resample<3>(map, in, out);
    else
      resample<0>(map, in, out);
  }

 private:
  static void check(Shape in, Shape out) {
    require(in.rank == 3 && in == out, "a warp keeps the shape (H, W, C)", "Warp", "pass views of equal shape");
  }

  AffineMap draw_affine(Rng& rng, Shape s) const {
    const float degrees = rng.uniform(-rotate, rotate);
    const float sx = std::exp(rng.uniform(-scale, scale)), sy = std::exp(rng.uniform(-scale, scale));
    const float k = rng.uniform(-shear, shear);
    const float tx = rng.uniform(-translate, translate) * static_cast<float>(s[1]);
    const float ty = rng.uniform(-translate, translate) * static_cast<float>(s[0]);
    return AffineMap::about_centre(s, degrees, sx, sy, k, tx, ty);
  }

  /// `Channels`: 0 when it is known only at run time.
  template <Index Channels>
  static void resample(const Map& map, View<const float> in, View<float> out) {
    const Index h = in.shape[0], w = in.shape[1], channels = Channels > 0 ? Channels : in.shape[2];
    static thread_local SmoothSurface::Columns columns;  // the same for every row
    static thread_local Buffer<float> line;
    constexpr int cells = SmoothSurface::cells;
    const bool bends = map.reach_x != 0 || map.reach_y != 0;
    if (bends) columns.set(w, [&](Index j) { return static_cast<float>(j) / static_cast<float>(w) * cells; });
    line.reserve_at_least(2 * w);
    float *x = line.data(), *y = x + w;
    const AffineMap& a = map.affine;
    for (Index i = 0; i < h; ++i) {
      if (bends) {
        const float t = static_cast<float>(i) / static_cast<float>(h) * cells;
        map.dx.row(t, columns, x);
        map.dy.row(t, columns, y);
      } else {
        std::fill_n(x, 2 * w, 0.f);
      }
      const float v = static_cast<float>(i) - a.centre_y;
      for (Index j = 0; j < w; ++j) {
        const float u = static_cast<float>(j) - a.centre_x;
        x[j] = a.xx * u + a.xy * v + a.x0 + map.reach_x * x[j];
        y[j] = a.yx * u + a.yy * v + a.y0 + map.reach_y * y[j];
      }
      for (Index j = 0; j < w; ++j) sample<Channels>(in, x[j], y[j], out.data + (i * w + j) * channels);
    }
  }

  template <Index Channels>
  static void sample(View<const float> in, float x, float y, float* out) {
    const Index h = in.shape[0], w = in.shape[1], channels = Channels > 0 ? Channels : in.shape[2];
    const float fx = std::floor(x), fy = std::floor(y), ax = x - fx, ay = y - fy;
    if (!(fx >= -1 && fy >= -1 && fx < static_cast<float>(w) && fy < static_cast<float>(h))) {
      std::fill_n(out, channels, 0.f);
      return;
    }
    const Index j = static_cast<Index>(fx), i = static_cast<Index>(fy);
    const float* p = in.data + (i * w + j) * channels;
    if (i >= 0 && j >= 0 && i + 1 < h && j + 1 < w) {
      const float* q = p + w * channels;
      for (Index c = 0; c < channels; ++c) {
        const float top = p[c] + ax * (p[c + channels] - p[c]), bottom = q[c] + ax * (q[c + channels] - q[c]);
        out[c] = top + ay * (bottom - top);
      }
      return;
    }
    std::fill_n(out, channels, 0.f);
    for (Index di = 0; di < 2; ++di)
      for (Index dj = 0; dj < 2; ++dj) {
        if (i + di < 0 || i + di >= h || j + dj < 0 || j + dj >= w) continue;
        const float weight = (di ? ay : 1 - ay) * (dj ? ax : 1 - ax);
        for (Index c = 0; c < channels; ++c) out[c] += weight * p[(di * w + dj) * channels + c];
      }
  }
};

static_assert(Augmentation<Warp>);

}  // namespace sseg

SSEG_FIELDS(sseg::Warp, rotate, scale, shear, translate, elastic);

#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "sseg/concepts/augmentation.hpp"
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

  constexpr Shape out_shape(Shape s) const { return s; }

  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    require(in.shape.rank == 3 && in.shape == out.shape, "a warp keeps the shape (H, W, C)", "Warp",
            "pass views of equal shape");
    const Affine map = draw_affine(rng, in.shape);
    const Surface dx = draw_surface(rng), dy = draw_surface(rng);
    const Index h = in.shape[0], w = in.shape[1];
    const float reach_x = elastic * static_cast<float>(w), reach_y = elastic * static_cast<float>(h);
    static thread_local std::vector<Spline> columns;  // the same for every row
    columns.clear();
    columns.reserve(to_size(w));
    for (Index j = 0; j < w; ++j) columns.emplace_back(static_cast<float>(j) / static_cast<float>(w) * cells);
    for (Index i = 0; i < h; ++i) {
      const Spline row(static_cast<float>(i) / static_cast<float>(h) * cells);
      const std::array<float, points> dx_row = dx.along(row), dy_row = dy.along(row);
      for (Index j = 0; j < w; ++j) {
        const Spline& col = columns[to_size(j)];
        const float v = static_cast<float>(i) - map.centre_y, u = static_cast<float>(j) - map.centre_x;
        const float x = map.xx * u + map.xy * v + map.x0 + reach_x * col.at(dx_row);
        const float y = map.yx * u + map.yy * v + map.y0 + reach_y * col.at(dy_row);
        sample(in, x, y, out.data + (i * w + j) * in.shape[2]);
      }
    }
  }

 private:
  static constexpr int cells = 4, points = cells + 3;

  /// Source position of an output pixel: x = xx·u + xy·v + x0, with (u, v) measured from the centre.
  struct Affine {
    float xx, xy, yx, yy, x0, y0, centre_x, centre_y;
  };

  /// Uniform cubic B-spline weights at position `t` in cells.
  struct Spline {
    int first;
    std::array<float, 4> weight;
    explicit Spline(float t) : first(std::min(static_cast<int>(t), cells - 1)) {
      const float f = t - static_cast<float>(first), g = 1 - f;
      weight = {g * g * g / 6, (4 - 6 * f * f + 3 * f * f * f) / 6, (4 - 6 * g * g + 3 * g * g * g) / 6, f * f * f / 6};
    }
    float at(const std::array<float, points>& value) const {
      float sum = 0;
      for (int k = 0; k < 4; ++k) sum += weight[static_cast<std::size_t>(k)] * value[to_size(first + k)];
      return sum;
    }
  };

  struct Surface {
    std::array<std::array<float, points>, points> control{};
    std::array<float, points> along(const Spline& row) const {
      std::array<float, points> value{};
      for (int k = 0; k < 4; ++k)
        for (std::size_t j = 0; j < points; ++j)
          value[j] += row.weight[static_cast<std::size_t>(k)] * control[to_size(row.first + k)][j];
      return value;
    }
  };

  Affine draw_affine(Rng& rng, Shape s) const {
    const float h = static_cast<float>(s[0]), w = static_cast<float>(s[1]);
    const float angle = rng.uniform(-rotate, rotate) * std::numbers::pi_v<float> / 180;
    const float sx = std::exp(rng.uniform(-scale, scale)), sy = std::exp(rng.uniform(-scale, scale));
    const float k = rng.uniform(-shear, shear), c = std::cos(angle), n = std::sin(angle);
    const float tx = rng.uniform(-translate, translate) * w, ty = rng.uniform(-translate, translate) * h;
    const float cx = (w - 1) / 2, cy = (h - 1) / 2;
    return {c * sx, (c * k - n) * sy, n * sx, (n * k + c) * sy, cx + tx, cy + ty, cx, cy};
  }
  static Surface draw_surface(Rng& rng) {
    Surface s;
    for (auto& row : s.control)
      for (float& v : row) v = rng.normal();
    return s;
  }

  static void sample(View<const float> in, float x, float y, float* out) {
    const Index h = in.shape[0], w = in.shape[1], channels = in.shape[2];
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

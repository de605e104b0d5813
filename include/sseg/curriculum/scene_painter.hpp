#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "sseg/augment/luma.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/core/view.hpp"
#include "sseg/curriculum/pixel_noise.hpp"
#include "sseg/curriculum/scene_factors.hpp"
#include "sseg/curriculum/shape_brush.hpp"
#include "sseg/curriculum/texture.hpp"

namespace sseg {

namespace detail {

template <std::size_t Channels>
void paint_ground(const TextureFactors& ground, View<float> out) {
  const Index side = out.shape[0];
  const Texture texture(ground, side);
  Color a = ground.first, b = ground.second;
  if (Channels == 1) a[0] = luma(a.data(), 3), b[0] = luma(b.data(), 3);
  static thread_local std::vector<float> mix;
  mix.resize(to_size(side));
  float* p = out.data;
  for (Index y = 0; y < side; ++y) {
    texture.read(y, 0, side, mix.data());
    for (const float m : mix)
      for (std::size_t c = 0; c < Channels; ++c) *p++ = a[c] + m * (b[c] - a[c]);
  }
}

/// Light falls along a direction, from 1 at one end of the picture to 1 - shade at the other.
template <std::size_t Channels>
void shade_picture(const SceneFactors& f, View<float> out) {
  const auto side = static_cast<int>(out.shape[0]);  // an int becomes a float in vectors
  const float angle = f.shade_angle * std::numbers::pi_v<float> / 180, pixel = 2.f / static_cast<float>(side);
  const float fall = f.shade / (2 * std::numbers::sqrt2_v<float>);
  const float right = fall * pixel * std::cos(angle), down = fall * pixel * std::sin(angle);
  const float middle = 0.5f * static_cast<float>(side - 1);
  float* p = out.data;
  for (int y = 0; y < side; ++y, p += Channels * to_size(side)) {
    const float first = 1 - 0.5f * f.shade - down * (static_cast<float>(y) - middle) + right * middle;
    for (int x = 0; x < side; ++x) {
      const float light = first - right * static_cast<float>(x);
      for (std::size_t c = 0; c < Channels; ++c) p[Channels * static_cast<std::size_t>(x) + c] *= light;
    }
  }
}

/// Sets some pixels to black or white, by equal chances.
inline void spoil_pixels(Rng rng, float share, View<float> out) {
  const Index pixels = out.shape[0] * out.shape[1], channels = out.shape[2];
  const auto count = static_cast<Index>(share * static_cast<float>(pixels));
  for (Index k = 0; k < count; ++k) {
    const Index at = rng.below(pixels);
    std::fill_n(out.data + at * channels, channels, rng.chance(0.5f) ? 1.f : 0.f);
  }
}

/// All but what spoils the picture.
template <std::size_t Channels>
void paint_clean(const SceneFactors& f, View<float> out) {
  paint_ground<Channels>(f.ground, out);
  for (const ObjectFactors& o : f.shapes()) ShapeBrush(o, out).paint();
  if (f.shade != 0) shade_picture<Channels>(f, out);
}

}  // namespace detail

/// Paints a scene: ground, objects from the back to the front, light, noise, spoilt pixels. out: (side, side, C) with C
/// = 1 (luma) or 3; `rng` names the noise.
inline void paint_scene(const SceneFactors& f, const Rng& rng, View<float> out) {
  require(out.shape.rank == 3 && out.shape[0] == out.shape[1] && (out.shape[2] == 1 || out.shape[2] == 3),
          "a scene is painted on a square of 1 or 3 channels", "paint_scene", "give a view of (side, side, 1 or 3)");
  out.shape[2] == 3 ? detail::paint_clean<3>(f, out) : detail::paint_clean<1>(f, out);
  if (f.noise > 0) add_noise(rng.split("noise"), f.noise, out.shape.count(), out.data);
  if (f.spoilt > 0) detail::spoil_pixels(rng.split("spoilt"), f.spoilt, out);
}

/// How much of the subject is not covered by the objects that lie on it, in [0, 1], counted on a grid of `points`²
/// over the picture; 1 without a subject.
inline float visible_share(const SceneFactors& f, Index points = 48) {
  if (f.subject < 0) return 1;
  const View<float> canvas(nullptr, {points, points, 1});
  std::vector<ShapeBrush> above;
  for (Index k = f.subject + 1; k < f.objects; ++k) above.emplace_back(f.object[to_size(k)], canvas);
  const ShapeBrush subject(f.object[to_size(f.subject)], canvas);
  double whole = 0, seen = 0;
  for (Index y = 0; y < points; ++y)
    for (Index x = 0; x < points; ++x) {
      float share = subject.cover(y, x);
      whole += static_cast<double>(share);
      for (const ShapeBrush& o : above) share *= 1 - o.cover(y, x);
      seen += static_cast<double>(share);
    }
  return whole > 0 ? static_cast<float>(seen / whole) : 0;
}

}  // namespace sseg

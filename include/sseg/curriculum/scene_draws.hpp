#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include "sseg/augment/luma.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/curriculum/scene_factors.hpp"
#include "sseg/curriculum/shape_kinds.hpp"
#include "sseg/curriculum/texture_kinds.hpp"

namespace sseg {

/// The kinds that a data set's pictures are made of, and no others: places in `shape_kinds::all` and
/// `texture_kinds::all`.
struct SceneKinds {
  Index first_shape = 0, shapes = static_cast<Index>(shape_kinds::all.size());
  Index first_texture = 0, textures = static_cast<Index>(texture_kinds::all.size());
};

/// Draws the factors of one scene from a stream, by level. `kind`: of the shape, or on level 2 of the texture, that
/// gives the picture its class.
class SceneDraws {
 public:
  SceneDraws(Rng rng, const SceneKinds& kinds, Index level, Index kind) : rng_(rng), kinds_(kinds), kind_(kind) {
    f_.level = level;
  }

  SceneFactors draw() {
    if (f_.level == 1) basic_shape();
    if (f_.level == 2) texture();
    if (f_.level == 3) composition(2, 4);
    if (f_.level == 4) adversarial();
    return f_;
  }

 private:
  /// 1: one plain shape on a plain ground.
  void basic_shape() {
    dark_ground_ = rng_.chance(0.5f);
    f_.ground.first = ground_color();
    ObjectFactors o = subject(0.5f, 0.8f, 0.15f);
    o.paint.first = object_color();
    add_subject(o);
    f_.noise = rng_.uniform(0.01f, 0.03f);
  }

  /// 2: a texture of two colours from edge to edge, with a finer copy on top, and noise.
  void texture() {
    f_.ground = some_texture(kind_, 3, 7);
    f_.ground.fine = rng_.uniform(0.1f, 0.35f);
    two_colors(f_.ground, rng_.uniform(0.35f, 0.8f));
    f_.noise = rng_.uniform(0.03f, 0.05f);
  }

  /// 3: a large shape among smaller ones, all textured or plain, on a textured ground. The large one lies on top.
  void composition(Index fewest, Index most) {
    dark_ground_ = rng_.chance(0.5f);
    textured_ground(0.1f, 0.25f);
    const ObjectFactors main = subject(0.45f, 0.65f, 0.25f);
    const Index others = fewest + rng_.below(most - fewest + 1);
    for (Index k = 0; k < others; ++k) f_.add(companion(main, 0.2f, 0.38f));
    ObjectFactors o = main;
    paint_object(o);
    add_subject(o);
    f_.noise = rng_.uniform(0.04f, 0.06f);
  }

  /// 4: as 3, but crowded with distractors, the large shape partly hidden, badly lit, noisy, with spoilt pixels.
  void adversarial() {
    composition(2, 4);
    const ObjectFactors main = f_.object[to_size(f_.subject)];
    const Index occluders = 1 + rng_.below(2), distractors = 1 + rng_.below(2);
    for (Index k = 0; k < distractors; ++k) f_.add(companion(main, 0.1f, 0.2f));
    for (Index k = 0; k < occluders; ++k) f_.add(occluder(main));
    f_.occluders = occluders;
    f_.noise = rng_.uniform(0.06f, 0.12f);
    f_.shade = rng_.uniform(0.f, 0.5f);
    f_.shade_angle = rng_.uniform(0.f, 360.f);
    f_.spoilt = rng_.uniform(0.f, 0.03f);
  }

  ObjectFactors subject(float smallest, float largest, float shift) {
    ObjectFactors o;
    o.shape = kind_;
    o.size = rng_.uniform(smallest, largest);
    const float room = std::min(shift, std::max(0.f, 0.95f - o.size));
    o.x = rng_.uniform(-room, room), o.y = rng_.uniform(-room, room);
    o.angle = rng_.uniform(-30.f, 30.f);
    o.stretch = std::exp(rng_.uniform(-0.15f, 0.15f));
    if (rng_.chance(0.35f)) o.stroke = rng_.uniform(0.1f, 0.18f);
    return o;
  }
  void add_subject(const ObjectFactors& o) {
    f_.subject = f_.objects;
    f_.add(o);
  }

  /// Another kind than the subject's, where there is one.
  Index another_shape() {
    if (kinds_.shapes < 2) return kind_;
    return kinds_.first_shape + (kind_ - kinds_.first_shape + 1 + rng_.below(kinds_.shapes - 1)) % kinds_.shapes;
  }
  Index any_texture() { return kinds_.first_texture + rng_.below(kinds_.textures); }

  /// A smaller shape of another kind whose centre lies outside the middle of `main`.
  ObjectFactors companion(const ObjectFactors& main, float smallest, float largest) {
    ObjectFactors o;
    o.shape = another_shape();
    o.size = rng_.uniform(smallest, largest);
    const float angle = rng_.uniform(0.f, 6.2831853f), way = main.size * 0.9f + o.size * rng_.uniform(0.4f, 1.f);
    o.x = std::clamp(main.x + way * std::cos(angle), -1.f, 1.f);
    o.y = std::clamp(main.y + way * std::sin(angle), -1.f, 1.f);
    o.angle = rng_.uniform(-180.f, 180.f);
    o.stretch = std::exp(rng_.uniform(-0.3f, 0.3f));
    if (rng_.chance(0.3f)) o.stroke = rng_.uniform(0.05f, 0.12f);
    paint_object(o);
    return o;
  }

  /// A shape of another kind across the outer part of `main`.
  ObjectFactors occluder(const ObjectFactors& main) {
    ObjectFactors o;
    o.shape = another_shape();
    o.size = main.size * rng_.uniform(0.45f, 0.85f);
    const float angle = rng_.uniform(0.f, 6.2831853f), way = main.size * rng_.uniform(0.45f, 0.85f);
    o.x = main.x + way * std::cos(angle), o.y = main.y + way * std::sin(angle);
    o.angle = rng_.uniform(-180.f, 180.f);
    paint_object(o);
    return o;
  }

  TextureFactors some_texture(Index kind, float lowest, float highest) {
    TextureFactors t;
    t.kind = kind;
    t.frequency = lowest * std::pow(highest / lowest, rng_.uniform());
    t.angle = rng_.uniform(-180.f, 180.f);
    t.phase_x = rng_.uniform(), t.phase_y = rng_.uniform();
    return t;
  }
  void textured_ground(float least, float most) {
    f_.ground = some_texture(any_texture(), 2, 6);
    f_.ground.first = ground_color();
    f_.ground.second = with_luma(any_color(), luma_of(f_.ground.first) + sign() * rng_.uniform(least, most));
  }
  void paint_object(ObjectFactors& o) {
    o.paint = {};
    if (rng_.chance(0.4f)) o.paint = some_texture(any_texture(), 6, 12);
    o.paint.first = object_color();
    o.paint.second = with_luma(any_color(), luma_of(o.paint.first) + sign() * 0.2f);
  }
  /// Two colours whose luma differs by `contrast`.
  void two_colors(TextureFactors& t, float contrast) {
    const float low = rng_.uniform(0.05f, 0.95f - contrast);
    t.first = with_luma(any_color(), low);
    t.second = with_luma(any_color(), low + contrast);
    if (rng_.chance(0.5f)) std::swap(t.first, t.second);
  }

  /// Ground and objects differ by at least 0.35 in luma.
  Color ground_color() {
    return with_luma(any_color(), dark_ground_ ? rng_.uniform(0.05f, 0.3f) : rng_.uniform(0.7f, 0.95f));
  }
  Color object_color() {
    return with_luma(any_color(), dark_ground_ ? rng_.uniform(0.65f, 0.95f) : rng_.uniform(0.05f, 0.35f));
  }
  Color any_color() {
    Color c{};
    for (float& v : c) v = rng_.uniform();
    return c;
  }
  float sign() { return rng_.chance(0.5f) ? 1.f : -1.f; }
  static float luma_of(const Color& c) { return luma(c.data(), 3); }
  /// The colour drawn towards black or white until it has this luma, itself in [0, 1].
  static Color with_luma(Color c, float wanted) {
    wanted = std::clamp(wanted, 0.f, 1.f);
    const float now = luma_of(c);
    for (float& v : c) v = wanted < now ? v * wanted / now : 1 - (1 - v) * (1 - wanted) / (1 - now);
    return c;
  }

  Rng rng_;
  SceneKinds kinds_;
  Index kind_;
  bool dark_ground_ = true;
  SceneFactors f_;
};

}  // namespace sseg

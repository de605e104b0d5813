#pragma once
#include <array>
#include <span>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// R, G, B in [0, 1]. A gray picture shows the luma.
using Color = std::array<float, 3>;

/// One texture: a kind of `texture_kinds::all` between two colours, with a finer copy of itself on top.
struct TextureFactors {
  Index kind = -1;                 ///< place in `texture_kinds::all`; -1: none, the first colour alone
  float frequency = 4;             ///< periods along the picture's side
  float angle = 0;                 ///< degrees, clockwise as drawn
  float phase_x = 0, phase_y = 0;  ///< in periods
  float fine = 0;                  ///< share of the finer copy, 0 to 1
  Color first{}, second{};
};

/// One shape of a scene. Places and sizes in half sides of the picture, from its centre; y grows downwards.
struct ObjectFactors {
  Index shape = 0;  ///< place in `shape_kinds::all`
  float x = 0, y = 0;
  float size = 0.5f;  ///< of the shape's plane: most shapes reach about this far from their centre
  float angle = 0;    ///< degrees, clockwise as drawn
  float stroke = 0;   ///< width of the outline; 0: filled
  float stretch = 1;  ///< of the width, before the turn
  TextureFactors paint;
};

/// Everything that a synthetic picture is made of: the truth behind it.
struct SceneFactors {
  static constexpr std::size_t max_objects = 12;

  Index level = 1;  ///< 1 to 4
  Index label = 0;  ///< of the picture, within its data set
  TextureFactors ground;
  std::array<ObjectFactors, max_objects> object{};
  Index objects = 0;    ///< how many of `object` there are; they are painted in this order, the last lies on top
  Index subject = -1;   ///< which of them gives the picture its class; -1: the ground does
  Index occluders = 0;  ///< objects that lie on the subject
  float noise = 0;      ///< standard deviation, independent for each value
  float shade = 0;      ///< light falls from 1 to 1 - shade across the picture
  float shade_angle = 0;
  float spoilt = 0;  ///< share of pixels that are black or white

  std::span<const ObjectFactors> shapes() const { return {object.data(), to_size(objects)}; }
  void add(const ObjectFactors& o) {
    require(objects < static_cast<Index>(max_objects), "too many objects", "SceneFactors", "add at most 12");
    object[to_size(objects++)] = o;
  }
};

}  // namespace sseg

#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sseg/concepts/dataset.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/curriculum/scene_draws.hpp"
#include "sseg/curriculum/scene_painter.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Endless synthetic pictures of one level of difficulty, made when they are read:
///   1  basic geometric shapes: one plain shape on a plain ground
///   2  multi-frequency textures with noise
///   3  compositions: a large shape among smaller ones on a textured ground
///   4  adversarial: 3, crowded, partly hidden, badly lit, noisy, with spoilt pixels
/// The class is the kind of the large shape, on level 2 that of the texture; kinds come in turn. No picture shows kinds
/// that are not the set's. A pure function of (seed, level, index), and of the size only through the pixels it is
/// painted on.
struct SyntheticGenerator {
  static constexpr Index levels = 4;

  std::uint64_t seed = 1;
  Index level = 1;
  Index count = 1000;
  Index side = 84;        ///< height and width in pixels
  Index channels = 3;     ///< 3: R, G, B; 1: their luma
  Index first_shape = 0;  ///< place in shape_kinds::all
  Index shapes = static_cast<Index>(shape_kinds::all.size());
  Index first_texture = 0;  ///< place in texture_kinds::all
  Index textures = static_cast<Index>(texture_kinds::all.size());
  bool operator==(const SyntheticGenerator&) const = default;

  /// Throws: Error when there is no such data set.
  void check() const {
    const auto fits = [](Index first, Index kinds, std::size_t all) {
      return first >= 0 && kinds >= 1 && first + kinds <= static_cast<Index>(all);
    };
    require(level >= 1 && level <= levels, "no such level of difficulty", "SyntheticGenerator",
            "give a level of 1 to 4");
    require(side >= 8 && side <= 4096 && (channels == 1 || channels == 3) && count >= 0,
            "no such set of synthetic pictures", "SyntheticGenerator",
            "give a side of 8 to 4096, 1 or 3 channels and no negative count");
    require(
        fits(first_shape, shapes, shape_kinds::all.size()) && fits(first_texture, textures, texture_kinds::all.size()),
        "no such kinds", "SyntheticGenerator", "give first_shape + shapes <= 20 and first_texture + textures <= 12");
  }

  Index size() const { return count; }
  /// Classes of all levels share one numbering: shapes first, then textures.
  ImageSpec spec() const { return {{side, side, channels}, shapes + textures, "synthetic"}; }
  std::vector<std::string> classes() const {
    std::vector<std::string> names;
    for (Index k = 0; k < shapes; ++k) names.emplace_back(shape_kinds::all[to_size(first_shape + k)].name);
    for (Index k = 0; k < textures; ++k) names.emplace_back(texture_kinds::all[to_size(first_texture + k)].name);
    return names;
  }
  /// The class of picture i.
  Index label(Index i) const { return level == 2 ? shapes + i % textures : i % shapes; }

  /// What picture i shows.
  SceneFactors factors(Index i) const {
    const Index kind = level == 2 ? first_texture + i % textures : first_shape + i % shapes;
    SceneFactors f =
        SceneDraws(stream(i).split("factors"), {first_shape, shapes, first_texture, textures}, level, kind).draw();
    f.label = label(i);
    return f;
  }

  Index read(Index i, View<float> out) const {
    paint_scene(factors(i), stream(i), out);
    return label(i);
  }

 private:
  Rng stream(Index i) const {
    return Rng(seed).split("synthetic").split(static_cast<std::uint64_t>(level)).split(static_cast<std::uint64_t>(i));
  }
};

static_assert(Dataset<SyntheticGenerator>);

}  // namespace sseg

SSEG_FIELDS(sseg::SyntheticGenerator, seed, level, count, side, channels, first_shape, shapes, first_texture, textures);

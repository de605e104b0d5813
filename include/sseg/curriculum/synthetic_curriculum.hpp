#pragma once
#include <array>

#include "sseg/core/parallel.hpp"
#include "sseg/curriculum/level_mix.hpp"
#include "sseg/curriculum/synthetic_generator.hpp"

namespace sseg {

/// All four levels of the generator as one data set: `each.count` pictures of level 1, then as many of level 2, and so
/// on. `each.level` is not looked at.
struct SyntheticCurriculum {
  SyntheticGenerator each;
  bool operator==(const SyntheticCurriculum&) const = default;

  Index size() const { return LevelMix::levels * each.count; }
  ImageSpec spec() const { return each.spec(); }
  Index level(Index i) const { return i / each.count + 1; }
  /// Picture i as picture i mod count of its level.
  SyntheticGenerator of_level(Index level) const {
    SyntheticGenerator one = each;
    one.level = level;
    return one;
  }
  Index read(Index i, View<float> out) const { return of_level(level(i)).read(i % each.count, out); }
};

static_assert(Dataset<SyntheticCurriculum>);

/// Where each level lies in a data set: level l at `range[l - 1]`.
using LevelRanges = std::array<Range, static_cast<std::size_t>(LevelMix::levels)>;

}  // namespace sseg

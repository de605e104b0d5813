#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/curriculum/synthetic_curriculum.hpp"
#include "sseg/curriculum/synthetic_shapes.hpp"
#include "sseg/data/any_dataset.hpp"
#include "sseg/data/images.hpp"
#include "sseg/data/to_images.hpp"
#include "sseg/experiment/config.hpp"

namespace sseg {

/// What a run trains on, and what its growth probe is measured on. Labels are kept but no training code reads them.
struct TrainingImages {
  AnyDataset train;
  Images probe;
  std::vector<Index> kept;  ///< which images `train` has
};

/// What an evaluation is on. `split`: which part of the data set, in words.
struct LabelledImages {
  Images images;
  std::string split;
};

/// Sets `probe` images aside, drawn from `rng`. Throws: Error when too few would be left for one batch.
inline TrainingImages hold_out(const AnyDataset& all, Index probe, Index batch, const Rng& rng) {
  if (all.size() < probe + batch)
    throw Error(std::to_string(all.size()) + " images are too few for a probe of " + std::to_string(probe) +
                    " and a batch of " + std::to_string(batch),
                std::string(all.spec().name), "lower data.probe_images or train.batch, or bring more images");
  std::vector<Index> order(to_size(all.size()));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
  Rng draw = rng;
  draw.shuffle(std::span(order));
  std::vector<Index> held(order.begin(), order.begin() + probe), rest(order.begin() + probe, order.end());
  std::sort(held.begin(), held.end());
  std::sort(rest.begin(), rest.end());
  Selection train{all, rest};
  return {std::move(train), to_images(Selection{all, std::move(held)}), std::move(rest)};
}

/// The images as the net reads them, undistorted.
template <Augmentation A>
Images framed(const Images& images, const A& frame) {
  Images out{images.name, frame.out_shape(images.shape), {}, images.label, images.group, images.classes, images.groups};
  out.pixels.resize(images.size() * out.shape.count());
  for (Index i = 0; i < images.size(); ++i) {
    Rng none;
    frame(none, images.image(i), out.image(i));
  }
  return out;
}

/// Shapes of the kinds for pretraining, and of the kinds held back (`evaluation` images: 40 a kind).
inline Images training_shapes(const RunConfig& c) {
  return SyntheticShapes{
      .seed = c.seed, .count = c.data.count, .side = c.data.oversample * c.data.image_size, .kinds = c.data.train_kinds}
      .images();
}
inline Images held_back_shapes(const RunConfig& c) {
  const Index kinds = static_cast<Index>(shape_kinds::all.size()) - c.data.train_kinds;
  return SyntheticShapes{.seed = c.seed + 1,
                         .count = 40 * kinds,
                         .side = c.data.image_size,
                         .first_kind = c.data.train_kinds,
                         .kinds = kinds}
      .images();
}

/// The curriculum that a configuration trains on, made as it is read.
inline SyntheticCurriculum training_curriculum(const RunConfig& c) {
  SyntheticCurriculum all{{.seed = c.seed,
                           .count = c.data.count,
                           .side = c.data.oversample * c.data.image_size,
                           .channels = c.curriculum.channels,
                           .shapes = c.data.train_kinds,
                           .textures = c.curriculum.train_textures}};
  all.each.check();
  return all;
}
/// Where the levels lie among the pictures `kept` (ascending) of a curriculum of `count` a level.
inline LevelRanges level_ranges(const std::vector<Index>& kept, Index count) {
  LevelRanges ranges;
  auto begin = kept.begin();
  for (std::size_t l = 0; l < ranges.size(); ++l) {
    const auto end = std::lower_bound(begin, kept.end(), static_cast<Index>(l + 1) * count);
    ranges[l] = {begin - kept.begin(), end - kept.begin()};
    begin = end;
  }
  return ranges;
}
/// Pictures of the kinds of shape held back, 40 a kind on each of levels 1, 3 and 4, whose class is a shape's: group =
/// level.
inline Images held_back_curriculum(const RunConfig& c) {
  const Index kinds = static_cast<Index>(shape_kinds::all.size()) - c.data.train_kinds;
  Images all{"curriculum", {c.data.image_size, c.data.image_size, c.curriculum.channels}, {}, {}, {}, {}, {}};
  all.pixels.resize(3 * 40 * kinds * all.shape.count());
  Index next = 0;
  for (const Index level : {1, 3, 4}) {
    const SyntheticGenerator g{.seed = c.seed + 1,
                               .level = level,
                               .count = 40 * kinds,
                               .side = c.data.image_size,
                               .channels = c.curriculum.channels,
                               .first_shape = c.data.train_kinds,
                               .shapes = kinds};
    g.check();
    if (all.classes.empty()) all.classes = g.classes(), all.classes.resize(to_size(kinds));
    for (Index i = 0; i < g.count; ++i) {
      all.label.push_back(g.read(i, all.image(next++)));
      all.group.push_back(static_cast<Index>(all.groups.size()));
    }
    all.groups.push_back("level " + std::to_string(level));
  }
  return all;
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/curriculum/synthetic_shapes.hpp"
#include "sseg/data/images.hpp"
#include "sseg/experiment/config.hpp"

namespace sseg {

/// What a run trains on, and what its growth probe is measured on. Labels are kept but no training code reads them.
struct TrainingImages {
  Images train, probe;
};

/// What an evaluation is on. `split`: which part of the data set, in words.
struct LabelledImages {
  Images images;
  std::string split;
};

/// Sets `probe` images aside, drawn from `rng`. Throws: Error when too few would be left for one batch.
inline TrainingImages hold_out(const Images& all, Index probe, Index batch, const Rng& rng) {
  if (all.size() < probe + batch)
    throw Error(std::to_string(all.size()) + " images are too few for a probe of " + std::to_string(probe) +
                    " and a batch of " + std::to_string(batch),
                all.name, "lower data.probe_images or train.batch, or bring more images");
  std::vector<Index> order(to_size(all.size()));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
  Rng draw = rng;
  draw.shuffle(std::span(order));
  std::vector<Index> held(order.begin(), order.begin() + probe), rest(order.begin() + probe, order.end());
  std::sort(held.begin(), held.end());
  std::sort(rest.begin(), rest.end());
  return {all.subset(rest), all.subset(held)};
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

}  // namespace sseg

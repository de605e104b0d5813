#pragma once
#include <algorithm>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sseg/data/any_dataset.hpp"
#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/fewshot/knn_probe.hpp"

namespace sseg {

/// `data.knn_images` of the pictures that a run trains on, or all where there are fewer; nothing where they are 0. They
/// are drawn from a stream of their own: with and without them a run makes the same net. Throws: Error when the
/// pictures have no labels.
inline std::optional<KnnProbe> neighbours_to_watch(const RunConfig& c, const AnyDataset& images) {
  if (c.data.knn_images == 0) return {};
  std::vector<Index> some(to_size(images.size()));
  std::iota(some.begin(), some.end(), Index{0});
  Rng draw = Rng(c.seed).split("neighbours to watch");
  draw.shuffle(std::span(some));
  some.resize(to_size(std::min(c.data.knn_images, images.size())));
  std::sort(some.begin(), some.end());
  return KnnProbe(framed(to_images(Selection{images, std::move(some)}), main_frame(c)));
}

}  // namespace sseg

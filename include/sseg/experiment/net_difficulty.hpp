#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "sseg/curriculum/level_mix.hpp"
#include "sseg/curriculum/loss_difficulty.hpp"
#include "sseg/data/any_dataset.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/fewshot/embed.hpp"

namespace sseg {

/// How difficult one level of a curriculum is for a net.
struct NetDifficulty {
  double mean = 0;   ///< of `loss_difficulty` over the pictures; 0 is certain
  double guess = 0;  ///< what guessing gives: ln of the number of classes
};

/// Of each level of a curriculum that was read from its folder (`load_curriculum`), by the features of `net`.
/// Throws: Error when a level has fewer than two classes.
template <class B, class Net>
std::array<NetDifficulty, 4> net_difficulty(B& backend, const Net& net, const ParamStore<float>& store,
                                            ByteImages curriculum) {
  std::array<std::vector<Index>, 4> index, label;
  for (Index i = 0; i < curriculum.size(); ++i) {
    const std::size_t level = to_size(curriculum.group[to_size(i)]);
    index.at(level).push_back(i);
    label.at(level).push_back(curriculum.label[to_size(i)]);
  }
  const AnyDataset all(std::move(curriculum));
  Embedder embedder(backend, 64);
  std::array<NetDifficulty, 4> found;
  for (std::size_t l = 0; l < found.size(); ++l) {
    const Features f = embedder.embed(net, store, Selection{all, index[l]});
    for (const double loss : loss_difficulty(f.view(), label[l])) found[l].mean += loss;
    found[l].mean /= static_cast<double>(label[l].size());
    std::sort(label[l].begin(), label[l].end());
    const auto classes = std::unique(label[l].begin(), label[l].end()) - label[l].begin();
    found[l].guess = std::log(static_cast<double>(classes));
  }
  return found;
}

}  // namespace sseg

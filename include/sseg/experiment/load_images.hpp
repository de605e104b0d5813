#pragma once
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "sseg/augment/turned_images.hpp"
#include "sseg/data/cifar_fs.hpp"
#include "sseg/data/omniglot.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/recipe.hpp"

namespace sseg {

/// How a configuration prepares drawings for the net: `oversample` 1 for evaluation, the configuration's for training.
inline OmniglotOptions omniglot_options(const DataConfig& d, Index oversample = 1) {
  OmniglotOptions o;
  o.size = d.image_size * oversample;
  o.center = d.center;
  o.center_ink.on = CenterInk::On::centroid;
  o.center_ink.rescale = d.rescale;
  return o;
}

/// The unlabelled images a configuration trains on. Throws: Error when they cannot be read.
inline Images training_images(const RunConfig& c) {
  const auto load = [&] {
    if (c.data.source == "shapes") return training_shapes(c);
    if (c.data.source == "cifar_fs") return load_cifar_fs(c.data.path, Split::train, false);
    return load_omniglot(c.data.path, omniglot_options(c.data, c.data.oversample));
  };
  return c.data.turns ? with_quarter_turns(load()) : load();
}

/// The drawings of alphabets that are not in `training`. Throws: Error when there are none.
inline Images unseen_alphabets(const Images& drawings, const Images& training) {
  std::vector<Index> unseen;
  for (Index i = 0; i < drawings.size(); ++i) {
    const std::string& alphabet = drawings.groups[to_size(drawings.group[to_size(i)])];
    if (std::find(training.groups.begin(), training.groups.end(), alphabet) == training.groups.end())
      unseen.push_back(i);
  }
  require(!unseen.empty(), "all alphabets of these drawings were trained on", "unseen_alphabets",
          "name drawings of others, for example images_background.zip");
  return drawings.subset(unseen);
}

/// Labelled images of classes that a configuration does not train on, as the net reads them: the kinds of shape held
/// back; of the drawings at `path`, the alphabets that are not in `training`; a split of the CIFAR-FS at `path`.
/// Throws: Error when they cannot be read, or were trained on.
inline LabelledImages held_back_images(const RunConfig& c, const Images& training, const std::filesystem::path& path,
                                       Split split) {
  if (c.data.source == "shapes") return {held_back_shapes(c), "held-back kinds"};
  if (c.data.source == "cifar_fs") {
    require(split != Split::train, "the classes of this split were trained on", "the split train",
            "take validation, or test for the last word");
    return {framed(load_cifar_fs(path, split), main_frame(c)), std::string(to_string(split)) + " classes"};
  }
  const Images drawings = load_omniglot(path, omniglot_options(c.data, c.data.oversample));
  return {framed(unseen_alphabets(drawings, training), main_frame(c)), "within alphabets not trained on"};
}

}  // namespace sseg

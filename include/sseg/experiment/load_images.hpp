#pragma once
#include <filesystem>

#include "sseg/augment/turned_images.hpp"
#include "sseg/data/cifar_fs.hpp"
#include "sseg/data/omniglot.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/data_sets.hpp"

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

}  // namespace sseg

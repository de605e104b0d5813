#pragma once
#include <filesystem>

#include "sseg/data/omniglot.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/data_sets.hpp"

namespace sseg {

/// How a configuration prepares drawings, for training and evaluation alike.
inline OmniglotOptions omniglot_options(const DataConfig& d) {
  OmniglotOptions o;
  o.size = d.image_size;
  o.center = d.center;
  o.center_ink.on = CenterInk::On::centroid;
  return o;
}

/// The unlabelled images a configuration trains on. Throws: Error when they cannot be read.
inline Images training_images(const RunConfig& c) {
  if (c.data.source == "shapes") return training_shapes(c);
  return load_omniglot(c.data.path, omniglot_options(c.data));
}

}  // namespace sseg

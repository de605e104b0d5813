#pragma once
#include <string>

#include "sseg/data/images.hpp"

namespace sseg {

/// One run of the Omniglot one-shot classification task: 20 training images, one of each class, and 20 test images.
/// `training.label` is 0 … 19; `test.label[i]` is the index of the training image that shows the same character.
struct OmniglotRun {
  std::string name;  ///< "run01"
  Images training;
  Images test;
};

}  // namespace sseg

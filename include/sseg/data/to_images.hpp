#pragma once
#include <string>

#include "sseg/concepts/dataset.hpp"
#include "sseg/core/error.hpp"
#include "sseg/data/images.hpp"

namespace sseg {

/// All pictures of a data set in memory, with their labels where they have any. Throws: Error when only some have.
template <Dataset D>
Images to_images(const D& data) {
  const ImageSpec spec = data.spec();
  Images out{std::string(spec.name), spec.shape, Buffer<float>(data.size() * spec.shape.count()), {}, {}, {}, {}};
  for (Index i = 0; i < data.size(); ++i)
    if (const Index label = data.read(i, out.image(i)); label >= 0) out.label.push_back(label);
  require(out.label.empty() || static_cast<Index>(out.label.size()) == data.size(), "only some pictures have labels",
          "to_images", "label all, or none");
  return out;
}

}  // namespace sseg

#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sseg/concepts/dataset.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// Equally sized images in memory, NHWC floats in [0, 1], with optional labels: the model of `Dataset` that every
/// loader returns. `group[i]` is the coarser class (Omniglot: alphabet) within which episodes may be drawn.
struct Images {
  std::string name;
  Shape shape;                       ///< (H, W, C)
  Buffer<float> pixels;              ///< size() · H·W·C
  std::vector<Index> label;          ///< one per image, or empty
  std::vector<Index> group;          ///< one per image, or empty
  std::vector<std::string> classes;  ///< name of each label
  std::vector<std::string> groups;   ///< name of each group

  Index size() const { return shape.count() == 0 ? 0 : pixels.size() / shape.count(); }
  ImageSpec spec() const { return {shape, static_cast<Index>(classes.size()), name}; }
  View<const float> image(Index i) const { return {pixels.data() + i * shape.count(), shape}; }
  View<float> image(Index i) { return {pixels.data() + i * shape.count(), shape}; }

  Index read(Index i, View<float> out) const {
    std::copy_n(image(i).data, shape.count(), out.data);
    return label.empty() ? -1 : label[to_size(i)];
  }

  /// The images with the given indices, in that order; class and group names are kept whole.
  Images subset(const std::vector<Index>& indices) const {
    Images out{name, shape, Buffer<float>(static_cast<Index>(indices.size()) * shape.count()), {}, {}, classes, groups};
    for (Index k = 0; k < static_cast<Index>(indices.size()); ++k) {
      const Index i = indices[to_size(k)];
      std::copy_n(image(i).data, shape.count(), out.image(k).data);
      if (!label.empty()) out.label.push_back(label[to_size(i)]);
      if (!group.empty()) out.group.push_back(group[to_size(i)]);
    }
    return out;
  }
};

static_assert(Dataset<Images>);

}  // namespace sseg

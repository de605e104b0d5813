#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sseg/concepts/dataset.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/data/images.hpp"
#include "sseg/data/pixel_values.hpp"

namespace sseg {

/// Equally sized pictures in memory, one byte a value, NHWC: what loaders of photographs return. A quarter of the
/// memory of `Images`; byte v reads as v / 255. Labels and groups as in `Images`.
struct ByteImages {
  std::string name;
  Shape shape;                       ///< (H, W, C)
  Buffer<std::uint8_t> pixels;       ///< size() · H·W·C
  std::vector<Index> label;          ///< one per image, or empty
  std::vector<Index> group;          ///< one per image, or empty
  std::vector<std::string> classes;  ///< name of each label
  std::vector<std::string> groups;   ///< name of each group

  Index size() const { return shape.count() == 0 ? 0 : pixels.size() / shape.count(); }
  ImageSpec spec() const { return {shape, static_cast<Index>(classes.size()), name}; }
  View<const std::uint8_t> image(Index i) const { return {pixels.data() + i * shape.count(), shape}; }
  View<std::uint8_t> image(Index i) { return {pixels.data() + i * shape.count(), shape}; }

  Index read(Index i, View<float> out) const {
    to_unit_values(image(i).data, shape.count(), out.data);
    return label.empty() ? -1 : label[to_size(i)];
  }
};

static_assert(Dataset<ByteImages>);

/// The same pictures as floats in [0, 1].
inline Images to_float(const ByteImages& bytes) {
  Images out{bytes.name, bytes.shape, {}, bytes.label, bytes.group, bytes.classes, bytes.groups};
  out.pixels.reserve_at_least(bytes.pixels.size());
  to_unit_values(bytes.pixels.data(), bytes.pixels.size(), out.pixels.data());
  return out;
}

}  // namespace sseg

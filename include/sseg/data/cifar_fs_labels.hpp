#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/data/cifar_fs_split.hpp"
#include "sseg/data/class_counts.hpp"
#include "sseg/data/split.hpp"

namespace sseg::detail {

/// Pictures of a class in CIFAR-100, all of which CIFAR-FS uses.
inline constexpr Index cifar_fs_per_class = 600;

/// For every fine label of CIFAR-100 the label within the split, or -1. `names`: those of the fine labels.
/// Throws `Error` unless there are 100 names, each class of the split among them once.
inline std::vector<Index> cifar_fs_labels(const std::vector<std::string>& names, Split split,
                                          const std::string& where) {
  if (names.size() != 100)
    throw Error("expected 100 names of classes, found " + std::to_string(names.size()), where,
                "Unpack CIFAR-100 again.");
  const auto classes = cifar_fs_split(split);
  std::vector<Index> labels(names.size(), -1);
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const auto at = std::find(names.begin(), names.end(), classes[k]);
    if (at == names.end() || std::find(at + 1, names.end(), classes[k]) != names.end())
      throw Error("the class '" + std::string(classes[k]) + "' of CIFAR-FS is not there exactly once", where,
                  "Unpack CIFAR-100 again.");
    labels[static_cast<std::size_t>(at - names.begin())] = static_cast<Index>(k);
  }
  return labels;
}

/// One of several files of pictures with the fine label of each: `copy(i, out)` writes picture i.
template <class Copy>
struct CifarPart {
  std::vector<Index> fine_label;
  Copy copy;
};

/// The pictures of the split's classes out of all parts, in their order.
/// Throws `Error` unless each class has its 600 pictures.
template <class Copy>
ByteImages cifar_fs_from(const std::vector<CifarPart<Copy>>& parts, const std::vector<Index>& label_of_fine,
                         Split split, bool keep_labels, const std::string& where) {
  ByteImages images;
  images.name = "CIFAR-FS " + std::string(to_string(split));
  images.shape = {32, 32, 3};
  const auto classes = cifar_fs_split(split);
  for (const auto& part : parts)
    for (const Index fine : part.fine_label)
      if (const Index label = label_of_fine[to_size(fine)]; label >= 0) images.label.push_back(label);
  check_class_counts(classes, images.label, split, cifar_fs_per_class, where);
  images.classes.assign(classes.begin(), classes.end());

  images.pixels.reserve_at_least(static_cast<Index>(images.label.size()) * images.shape.count());
  Index next = 0;
  for (const auto& part : parts)
    for (Index i = 0; i < static_cast<Index>(part.fine_label.size()); ++i)
      if (label_of_fine[to_size(part.fine_label[to_size(i)])] >= 0) part.copy(i, images.image(next++));
  if (!keep_labels) images.label.clear(), images.classes.clear();
  return images;
}

}  // namespace sseg::detail

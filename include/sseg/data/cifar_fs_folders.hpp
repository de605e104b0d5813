#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/data/cifar_fs_labels.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/data/find_in_tree.hpp"
#include "sseg/data/split_list.hpp"
#include "sseg/io/decode_picture.hpp"

namespace sseg::detail {

/// A split of CIFAR-FS from folders of pictures, one named after each class (`cifar100/data/apple/*.png`, Bertinetto et
/// al. 2019), in the order of classes and paths. A list `bertinetto/{train,val,test}.txt` is checked where there is
/// one.
inline ByteImages cifar_fs_from_folders(const FileTree& tree, Split split, bool keep_labels) {
  constexpr Index most_bytes = 1 << 16, side = 32;
  const auto classes = cifar_fs_split(split);
  check_split_list(tree, "bertinetto", classes, split);
  const auto files = class_folders(tree, classes);

  ByteImages images;
  images.name = "CIFAR-FS " + std::string(to_string(split));
  images.shape = {side, side, 3};
  images.classes.assign(classes.begin(), classes.end());
  for (std::size_t k = 0; k < files.size(); ++k)
    images.label.insert(images.label.end(), files[k].size(), static_cast<Index>(k));
  check_class_counts(classes, images.label, split, cifar_fs_per_class, tree.root().string());

  images.pixels.reserve_at_least(static_cast<Index>(images.label.size()) * images.shape.count());
  Index next = 0;
  for (const auto& of_class : files)
    for (const Index file : of_class) {
      const std::string where = tree.where(tree.paths()[to_size(file)]);
      const Picture picture = decode_picture(tree.read(file, most_bytes), where, {3, side * side});
      if (picture.height != side || picture.width != side)
        throw Error("a picture of CIFAR-FS has 32 x 32 pixels, this one " + std::to_string(picture.height) + " x " +
                        std::to_string(picture.width),
                    where, "Use the original pictures; sseg resizes them itself.");
      std::copy(picture.bytes.begin(), picture.bytes.end(), images.image(next++).data);
    }
  if (!keep_labels) images.label.clear(), images.classes.clear();
  return images;
}

}  // namespace sseg::detail

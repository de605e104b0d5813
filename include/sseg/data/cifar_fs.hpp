#pragma once
#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/cifar100_file.hpp"
#include "sseg/data/cifar_fs_split.hpp"
#include "sseg/data/images.hpp"
#include "sseg/data/split.hpp"
#include "sseg/io/read_file.hpp"

namespace sseg {

namespace detail {

/// The lines of `fine_label_names.txt`: the name of each fine label.
inline std::vector<std::string> read_cifar100_names(const std::filesystem::path& path) {
  constexpr Index most_bytes = 1 << 14;
  const std::string text = read_file(path, most_bytes);
  std::vector<std::string> names;
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) names.push_back(std::move(line));
  }
  if (static_cast<Index>(names.size()) != Cifar100File::fine_classes)
    throw Error("expected 100 names of classes, found " + std::to_string(names.size()), path.string(),
                "Unpack CIFAR-100's binary version again.");
  return names;
}

/// For every fine label the label within the split, or -1.
using CifarFsLabels = std::array<Index, static_cast<std::size_t>(Cifar100File::fine_classes)>;

inline CifarFsLabels cifar_fs_labels(const std::filesystem::path& names_file, Split split) {
  const auto names = read_cifar100_names(names_file);
  const auto classes = cifar_fs_split(split);
  CifarFsLabels labels;
  labels.fill(-1);
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const auto at = std::find(names.begin(), names.end(), classes[k]);
    if (at == names.end() || std::find(at + 1, names.end(), classes[k]) != names.end())
      throw Error("the class '" + std::string(classes[k]) + "' of CIFAR-FS is not there exactly once",
                  names_file.string(), "Unpack CIFAR-100's binary version again.");
    labels[static_cast<std::size_t>(at - names.begin())] = static_cast<Index>(k);
  }
  return labels;
}

/// Throws unless every class of the split has its 600 pictures in the files together.
inline void check_cifar_fs_counts(const std::array<Cifar100File, 2>& files, const CifarFsLabels& labels, Split split,
                                  Index expected, const std::string& where) {
  const auto classes = cifar_fs_split(split);
  std::vector<Index> count(classes.size());
  for (const Cifar100File& file : files)
    for (Index i = 0; i < file.size(); ++i)
      if (const Index label = labels[to_size(file.fine_label(i))]; label >= 0) ++count[to_size(label)];
  for (std::size_t k = 0; k < classes.size(); ++k)
    if (count[k] != expected)
      throw Error("the class '" + std::string(classes[k]) + "' of the " + std::string(to_string(split)) +
                      " split has " + std::to_string(count[k]) + " pictures, not " + std::to_string(expected),
                  where, "These are not the whole CIFAR-100 files: unpack its binary version again.");
}

}  // namespace detail

/// Loads a split of CIFAR-FS (Bertinetto et al. 2019) from the folder of CIFAR-100's binary version: `train.bin`,
/// `test.bin` and `fine_label_names.txt`. All 600 pictures of a class, 32×32×3 in [0, 1], in the order of the files,
/// training file first; `label` is the place of the class in `cifar_fs_split(split)`. Without `keep_labels` the images
/// are unlabelled and name no class. The files may lack the classes of other splits.
/// Throws `Error`: a file missing, truncated or too large, a label out of range, a class without its name or its 600
/// pictures.
inline Images load_cifar_fs(const std::filesystem::path& folder, Split split, bool keep_labels = true) {
  constexpr Index per_class = 600, most_train = 50'000, most_test = 10'000;
  const auto labels = detail::cifar_fs_labels(folder / "fine_label_names.txt", split);
  const std::array<Cifar100File, 2> files{Cifar100File(folder / "train.bin", most_train),
                                          Cifar100File(folder / "test.bin", most_test)};
  detail::check_cifar_fs_counts(files, labels, split, per_class, folder.string());

  Images images;
  images.name = "CIFAR-FS " + std::string(to_string(split));
  images.shape = Cifar100File::shape;
  const auto classes = cifar_fs_split(split);
  images.pixels.reserve_at_least(static_cast<Index>(classes.size()) * per_class * images.shape.count());
  if (keep_labels) images.classes.assign(classes.begin(), classes.end());
  Index next = 0;
  for (const Cifar100File& file : files)
    for (Index i = 0; i < file.size(); ++i) {
      const Index label = labels[to_size(file.fine_label(i))];
      if (label < 0) continue;
      file.read(i, images.image(next++));
      if (keep_labels) images.label.push_back(label);
    }
  return images;
}

}  // namespace sseg

#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/data/cifar_fs_binary.hpp"
#include "sseg/data/cifar_fs_folders.hpp"
#include "sseg/data/cifar_fs_pickles.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/data/find_in_tree.hpp"
#include "sseg/data/split.hpp"
#include "sseg/data/split_list.hpp"

namespace sseg {

namespace detail {

/// No file of CIFAR-100 or CIFAR-FS is as large.
inline constexpr Index cifar_file_bytes = Index{1} << 28;

/// The file of the tree with this name. Throws `Error` when there is none.
inline NamedBytes needed_file(const FileTree& tree, std::string_view name, Index most_bytes = cifar_file_bytes) {
  const Index i = find_file(tree, name);
  if (i < 0)
    throw Error("there is no file '" + std::string(name) + "'", tree.root().string(),
                "A part of the data set is missing: fetch or unpack it again.");
  return {tree.read(i, most_bytes), tree.where(tree.paths()[to_size(i)])};
}

inline ByteImages cifar_fs_from_binary(const FileTree& tree, Split split, bool keep_labels) {
  const NamedBytes names = needed_file(tree, "fine_label_names.txt", cifar100_names_bytes);
  const auto labels = cifar_fs_labels(filled_lines(names.bytes), split, names.where);
  const auto file = [&](const char* name, Index most) {
    NamedBytes one = needed_file(tree, name);
    return Cifar100File(std::move(one.bytes), one.where, most);
  };
  const std::array<Cifar100File, 2> files{file("train.bin", cifar100_train_records),
                                          file("test.bin", cifar100_test_records)};
  return cifar_fs_from_binary(files, labels, split, keep_labels, tree.root().string());
}

inline ByteImages cifar_fs_from_tree(const FileTree& tree, Split split, bool keep_labels) {
  const auto has = [&](std::string_view name) { return find_file(tree, name) >= 0; };
  if (has("train.bin") || has("test.bin") || has("fine_label_names.txt"))
    return cifar_fs_from_binary(tree, split, keep_labels);
  if (has("meta"))
    return cifar_fs_from_python(needed_file(tree, "meta"), {needed_file(tree, "train"), needed_file(tree, "test")},
                                split, keep_labels);
  if (has("CIFAR_FS_train.pickle") || has("CIFAR_FS_val.pickle") || has("CIFAR_FS_test.pickle"))
    return cifar_fs_from_pickle(needed_file(tree, "CIFAR_FS_" + std::string(short_name(split)) + ".pickle"), split,
                                keep_labels);
  for (const Split any : {Split::train, Split::validation, Split::test})
    for (const auto& of_class : class_folders(tree, cifar_fs_split(any)))
      if (!of_class.empty()) return cifar_fs_from_folders(tree, split, keep_labels);
  throw Error("no CIFAR-FS here", tree.root().string(),
              "Name a folder or archive with one of these: CIFAR-100's binary version (train.bin, test.bin, "
              "fine_label_names.txt); its Python version (train, test, meta); CIFAR_FS_train.pickle, "
              "CIFAR_FS_val.pickle, CIFAR_FS_test.pickle; or a folder of pictures for each class "
              "(data/apple/*.png).");
}

}  // namespace detail

/// Loads a split of CIFAR-FS (Bertinetto et al. 2019) from what people have of it, in a folder or archive: CIFAR-100's
/// binary version; CIFAR-100's Python version; the pickles CIFAR_FS_{train,val,test}.pickle; folders of pictures, one
/// for each class. All 600 pictures of a class, 32×32×3 bytes, in the order of the files, those of CIFAR-100's training
/// set first; `label` is the place of the class in `cifar_fs_split(split)` (CIFAR_FS_*.pickle: in ascending order of
/// its labels, which have no names). Without `keep_labels` the images are unlabelled and name no class.
/// The files may lack the classes of other splits.
/// Throws `Error`: none of these forms, a file missing, damaged or too large, a label out of range, a class without its
/// name or its 600 pictures.
inline ByteImages load_cifar_fs(const std::filesystem::path& path, Split split, bool keep_labels = true) {
  return detail::cifar_fs_from_tree(FileTree(path), split, keep_labels);
}

}  // namespace sseg

#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/data/class_counts.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/data/find_in_tree.hpp"
#include "sseg/data/fit_picture.hpp"
#include "sseg/data/mini_imagenet_files.hpp"
#include "sseg/data/mini_imagenet_options.hpp"
#include "sseg/data/mini_imagenet_pickles.hpp"
#include "sseg/data/mini_imagenet_split.hpp"
#include "sseg/data/split.hpp"
#include "sseg/data/split_list.hpp"
#include "sseg/io/decode_picture.hpp"

namespace sseg {

namespace detail {

/// The images with all but the pixels, for pictures listed by class. Throws `Error`: a class without its pictures, or
/// a size out of range.
inline ByteImages mini_imagenet_frame(const std::vector<std::vector<Index>>& pictures, Split split,
                                      const MiniImageNetOptions& options, const std::string& where) {
  constexpr Index most_bytes = Index{1} << 36;
  if (options.size < 1 || options.size > 1024)
    throw Error("cannot make pictures of side " + std::to_string(options.size), where,
                "Set MiniImageNetOptions::size between 1 and 1024; 84 is usual.");
  ByteImages images;
  images.name = "mini-ImageNet " + std::string(to_string(split));
  if (options.per_class == 0) images.name += ", a subset";
  if (options.per_class != 0 && options.per_class != 600)
    images.name += ", " + std::to_string(options.per_class) + " a class";
  images.shape = {options.size, options.size, 3};
  const auto classes = mini_imagenet_split(split);
  images.classes.assign(classes.begin(), classes.end());
  for (std::size_t k = 0; k < pictures.size(); ++k)
    images.label.insert(images.label.end(), pictures[k].size(), static_cast<Index>(k));
  check_class_counts(classes, images.label, split, options.per_class, where);
  const auto count = static_cast<Index>(images.label.size());
  if (count > most_bytes / images.shape.count())
    throw Error(std::to_string(count) + " pictures of side " + std::to_string(options.size) + " are too many", where,
                "Set a smaller MiniImageNetOptions::size.");
  images.pixels.reserve_at_least(count * images.shape.count());
  if (!options.keep_labels) images.label.clear(), images.classes.clear();
  return images;
}

inline std::vector<Index> joined(const std::vector<std::vector<Index>>& lists) {
  std::vector<Index> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

inline ByteImages mini_imagenet_from_stack(const StackOfClasses& found, Split split, const MiniImageNetOptions& options,
                                           const std::string& where) {
  ByteImages images = mini_imagenet_frame(found.pictures, split, options, where);
  const std::vector<Index> pictures = joined(found.pictures);
  Threads(options.threads).run(static_cast<Index>(pictures.size()), [&](Index i) {
    static thread_local std::vector<std::uint8_t> picture;
    picture.resize(to_size(found.stack.shape.count()));
    found.stack.copy(pictures[to_size(i)], {picture.data(), found.stack.shape});
    fit_picture({picture.data(), found.stack.shape}, images.image(i), PictureFit::crop, options.filter);
  });
  return images;
}

inline ByteImages mini_imagenet_from_files(const FileTree& tree, const std::vector<std::vector<Index>>& of_class,
                                           Split split, const MiniImageNetOptions& options) {
  constexpr Index most_bytes = Index{1} << 26;
  ByteImages images = mini_imagenet_frame(of_class, split, options, tree.root().string());
  const std::vector<Index> files = joined(of_class);
  Threads(options.threads).run(static_cast<Index>(files.size()), [&](Index i) {
    const Index file = files[to_size(i)];
    const Picture p = decode_picture(tree.read(file, most_bytes), tree.where(tree.paths()[to_size(file)]), {3});
    fit_picture({p.bytes.data(), {p.height, p.width, 3}}, images.image(i), PictureFit::crop, options.filter);
  });
  return images;
}

/// The file of the split among the pickles that people pass on, or -1.
inline Index mini_imagenet_pickle(const FileTree& tree, Split split) {
  const std::string name(short_name(split)), cache = "mini-imagenet-cache-", category = "miniImageNet_category_split_";
  for (const std::string& file : {cache + name + ".pkl", cache + std::string(to_string(split)) + ".pkl",
                                  category + (split == Split::train ? "train_phase_train" : name) + ".pickle"})
    if (const Index i = find_file(tree, file); i >= 0) return i;
  return -1;
}

inline ByteImages mini_imagenet_from_tree(const FileTree& tree, Split split, const MiniImageNetOptions& options) {
  if (const Index file = mini_imagenet_pickle(tree, split); file >= 0) {
    constexpr Index most_bytes = Index{1} << 32;
    const std::string where = tree.where(tree.paths()[to_size(file)]), bytes = tree.read(file, most_bytes);
    const Pickle pickle(bytes, where);
    const bool cache = pickle.root().find("image_data") != nullptr;
    return mini_imagenet_from_stack(cache ? mini_imagenet_cache(pickle.root(), split, where)
                                          : mini_imagenet_category_split(pickle.root(), split, where),
                                    split, options, where);
  }
  if (const Index csv = find_file(tree, std::string(short_name(split)) + ".csv"); csv >= 0)
    return mini_imagenet_from_files(tree, mini_imagenet_listed(tree, csv, split), split, options);
  const auto classes = mini_imagenet_split(split);
  check_split_list(tree, "ravi-larochelle", classes, split);
  auto folders = class_folders(tree, classes);
  for (const auto& of_class : folders)
    if (!of_class.empty()) return mini_imagenet_from_files(tree, folders, split, options);
  throw Error(
      "no " + std::string(to_string(split)) + " split of mini-ImageNet here", tree.root().string(),
      "Name a folder or archive with one of these: mini-imagenet-cache-train.pkl (-val or -validation, -test); "
      "miniImageNet_category_split_train_phase_train.pickle (_val, _test); train.csv (val.csv, test.csv) beside "
      "a folder images; or a folder of pictures for each class (n01532829/*.jpg).");
}

}  // namespace detail

/// Loads a split of mini-ImageNet (Vinyals et al. 2016, as Ravi & Larochelle 2017 cut it) from what people have of it,
/// in a folder or archive: the pickles mini-imagenet-cache-*.pkl or miniImageNet_category_split_*.pickle; pictures with
/// {train,val,test}.csv, of Ravi & Larochelle or of easyfsl; a folder of pictures for each class, side by side. Of each
/// picture the largest square in the middle, resized to `options.size`. Class after class, each in the order of its
/// file or list, or by path; `label` is the place of the class in `mini_imagenet_split(split)`.
/// Throws `Error`: none of these forms, a file damaged, a class of another split, or without its 600 pictures (see
/// MiniImageNetOptions::per_class).
inline ByteImages load_mini_imagenet(const std::filesystem::path& path, Split split,
                                     const MiniImageNetOptions& options = {}) {
  return detail::mini_imagenet_from_tree(FileTree(path), split, options);
}

}  // namespace sseg

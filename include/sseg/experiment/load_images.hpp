#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sseg/augment/turned_images.hpp"
#include "sseg/data/cifar_fs.hpp"
#include "sseg/data/fit_picture.hpp"
#include "sseg/data/idx.hpp"
#include "sseg/data/image_folder.hpp"
#include "sseg/data/mini_imagenet.hpp"
#include "sseg/data/omniglot.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/curriculum_folder.hpp"
#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/recipe.hpp"

namespace sseg {

/// How a configuration prepares drawings for the net: `oversample` 1 for evaluation, the configuration's for training.
inline OmniglotOptions omniglot_options(const DataConfig& d, Index oversample = 1) {
  OmniglotOptions o;
  o.size = d.image_size * oversample;
  o.center = d.center;
  o.center_ink.on = CenterInk::On::centroid;
  o.center_ink.rescale = d.rescale;
  return o;
}

namespace detail {

/// Pictures of a folder, and words about those that were left out.
inline ByteImages folder_images(const DataConfig& d, const std::filesystem::path& path, bool labelled) {
  const Index side = d.image_size * d.oversample;
  ImageFolder found = load_image_folder(
      path,
      {.height = side, .width = side, .channels = d.channels, .labelled = labelled, .skip_corrupt = d.skip_corrupt});
  for (const SkippedPicture& s : found.skipped)
    std::fprintf(stderr, "left out: %s: %s\n", s.path.c_str(), s.reason.c_str());
  return std::move(found.images);
}
/// The place of a kind of shape by its name; behind the last for a name that is none.
inline Index shape_kind(const std::string& name) {
  Index place = 0;
  for (const auto& kind : shape_kinds::all) {
    if (kind.name == name) break;
    ++place;
  }
  return place;
}
/// Of a generated folder only channels and shapes are compared with the configuration: its seed, count and textures are
/// those it was generated with.
inline ByteImages curriculum_images(const RunConfig& c) {
  Threads threads;
  ByteImages all = load_curriculum(threads, c.data.path);
  require(all.shape[2] == c.curriculum.channels, "the pictures of the folder have another number of channels",
          "curriculum.channels", "give the number that generate_curriculum was given");
  for (Index i = 0; i < all.size(); ++i)  // what is held back must not be among them; level 2 shows textures
    if (const std::string& name = all.classes[to_size(all.label[to_size(i)])];
        all.group[to_size(i)] != 1 && shape_kind(name) >= c.data.train_kinds)
      throw Error("the folder shows the shape '" + name + "', which this configuration holds back for evaluation",
                  c.data.path, "set data.train_kinds to the number of shapes that generate_curriculum was given");
  return all;
}
inline ByteImages mini_imagenet_images(const DataConfig& d, const std::filesystem::path& path, Split split) {
  return load_mini_imagenet(path, split, {.size = d.image_size * d.oversample});
}

/// Pictures of IDX files at the size at which those of a folder would be read.
inline ByteImages idx_images(const DataConfig& d, const std::filesystem::path& path, Split split) {
  ByteImages all = load_idx_folder(path, split);
  const Index side = d.image_size * d.oversample;
  const Shape shape{side, side, all.shape[2]};
  if (all.shape == shape) return all;
  ByteImages out{
      std::move(all.name),    shape, Buffer<std::uint8_t>(all.size() * shape.count()), std::move(all.label), {},
      std::move(all.classes), {}};
  for (Index i = 0; i < out.size(); ++i) fit_picture(std::as_const(all).image(i), out.image(i));
  return out;
}

/// Those that lie in memory as bytes.
inline ByteImages training_bytes(const RunConfig& c) {
  const DataConfig& d = c.data;
  if (d.source == "curriculum") return curriculum_images(c);
  if (d.source == "cifar_fs") return load_cifar_fs(d.path, Split::train, d.knn_images > 0);
  if (d.source == "mini_imagenet") return mini_imagenet_images(d, d.path, Split::train);
  if (d.source == "idx") return idx_images(d, d.path, Split::train);
  return folder_images(d, d.path, false);
}

}  // namespace detail

/// The images a configuration trains on; no training code reads their labels. A curriculum without a path is made as it
/// is read, photographs lie in memory as bytes. Throws: Error when they cannot be read. (A template without arguments,
/// as is `held_back_images`, so that a build of several files may compile it once: compiled_loaders.hpp.)
template <class = void>
AnyDataset training_data(const RunConfig& c) {
  const DataConfig& d = c.data;
  if (d.source == "curriculum" && d.path.empty()) return training_curriculum(c);
  if (d.source != "shapes" && d.source != "omniglot") {
    ByteImages all = detail::training_bytes(c);
    if (d.turns) return with_quarter_turns(to_float(all));
    return all;
  }
  Images all = d.source == "shapes" ? training_shapes(c) : load_omniglot(d.path, omniglot_options(d, d.oversample));
  if (d.turns) return with_quarter_turns(all);
  return all;
}

/// The drawings of alphabets that are not among `trained`. Throws: Error when there are none.
inline Images unseen_alphabets(const Images& drawings, const std::vector<std::string>& trained) {
  std::vector<Index> unseen;
  for (Index i = 0; i < drawings.size(); ++i) {
    const std::string& alphabet = drawings.groups[to_size(drawings.group[to_size(i)])];
    if (std::find(trained.begin(), trained.end(), alphabet) == trained.end()) unseen.push_back(i);
  }
  require(!unseen.empty(), "all alphabets of these drawings were trained on", "unseen_alphabets",
          "name drawings of others, for example images_background.zip");
  return drawings.subset(unseen);
}

/// The images without their groups where `evaluation.groups` is mixed, so that episodes take classes from any.
inline Images for_episodes(Images images, const EvaluationConfig& e) {
  if (!within_groups(e)) images.group.clear();
  return images;
}

/// Labelled images of classes that a configuration does not train on, maybe larger than what the net reads: the kinds
/// of shape held back; of the drawings at `path`, the alphabets that are not in `training`; a split of the CIFAR-FS or
/// mini-ImageNet at `path`; the labelled pictures of the folder at `path`, whose classes nobody checks; the test
/// pictures of an IDX folder, whose classes were trained on without their labels. Throws: Error when they cannot be
/// read, or were trained on.
template <class = void>
LabelledImages held_back_images(const RunConfig& c, const AnyDataset& training, const std::filesystem::path& path,
                                Split split) {
  const DataConfig& d = c.data;
  if (d.source == "shapes") return {held_back_shapes(c), "held-back kinds"};
  const bool within = within_groups(c.evaluation);
  if (d.source == "curriculum")
    return {for_episodes(held_back_curriculum(c), c.evaluation),
            within ? "held-back kinds, within a level" : "held-back kinds, levels mixed"};
  if (d.source == "folder") return {to_float(detail::folder_images(d, path, true)), "labelled folder"};
  if (d.source == "idx")
    return {to_float(detail::idx_images(d, path, Split::test)), "test pictures of the classes trained on"};
  if (d.source == "omniglot") {
    const Images drawings = load_omniglot(path, omniglot_options(d, d.oversample));
    return {for_episodes(unseen_alphabets(drawings, training.groups()), c.evaluation),
            within ? "within alphabets not trained on" : "alphabets not trained on, mixed"};
  }
  require(split != Split::train, "the classes of this split were trained on", "the split train",
          "take validation, or test for the last word");
  const ByteImages images =
      d.source == "cifar_fs" ? load_cifar_fs(path, split) : detail::mini_imagenet_images(d, path, split);
  return {to_float(images), std::string(to_string(split)) + " classes"};
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/data/byte_stack.hpp"
#include "sseg/data/cifar_fs_labels.hpp"
#include "sseg/data/pickle_lists.hpp"
#include "sseg/data/split.hpp"
#include "sseg/io/named_bytes.hpp"
#include "sseg/io/pickle.hpp"

namespace sseg::detail {

/// Throws unless there is one label for each picture.
inline void check_one_label_each(Index pictures, const std::vector<Index>& labels, const std::string& where) {
  if (static_cast<Index>(labels.size()) != pictures)
    throw Error(std::to_string(pictures) + " pictures, but " + std::to_string(labels.size()) + " labels", where,
                "Check that it is the right file, and write it again.");
}

/// A split of CIFAR-FS out of the bytes of CIFAR-100's Python version, the files `meta`, `train` and `test`; as
/// `load_cifar_fs`. Throws `Error`: no such pickles, a label out of range, a class without its name or its 600
/// pictures.
inline ByteImages cifar_fs_from_python(const NamedBytes& meta, const std::array<NamedBytes, 2>& train_and_test,
                                       Split split, bool keep_labels) {
  const Pickle names(meta.bytes, meta.where);
  const auto labels = cifar_fs_labels(
      pickle_texts(pickle_entry(names.root(), "fine_label_names", meta.where), meta.where), split, meta.where);
  // The pictures may be views into the pickles, which therefore live to the end.
  const auto& [train, test] = train_and_test;
  const Pickle train_pickle(train.bytes, train.where), test_pickle(test.bytes, test.where);
  const auto part = [](const Pickle& pickle, const NamedBytes& file) {
    auto fine = pickle_integers(pickle_entry(pickle.root(), "fine_labels", file.where), file.where);
    const auto stack = stack_planes(pickle.root().find("data"), 32, file.where);
    check_one_label_each(stack.count, fine, file.where);
    if (std::any_of(fine.begin(), fine.end(), [](Index l) { return l < 0 || l >= 100; }))
      throw Error("a fine label that is none of 0 to 99", file.where, "Unpack CIFAR-100 again.");
    const auto copy = [stack](Index i, View<std::uint8_t> out) { stack.copy(i, out); };
    return CifarPart<decltype(copy)>{std::move(fine), copy};
  };
  return cifar_fs_from(std::vector{part(train_pickle, train), part(test_pickle, test)}, labels, split, keep_labels,
                       train.where);
}

/// A split of CIFAR-FS out of the bytes of CIFAR_FS_train.pickle, CIFAR_FS_val.pickle or CIFAR_FS_test.pickle (Lee et
/// al. 2019, MetaOptNet): data (N, 32, 32, 3) and labels. The file does not say which class a label is, so classes are
/// named "label 7", in ascending order. Throws `Error`: no such pickle, or not 64, 16 or 20 labels of 600 pictures
/// each.
inline ByteImages cifar_fs_from_pickle(const NamedBytes& file, Split split, bool keep_labels) {
  const Pickle pickle(file.bytes, file.where);
  auto labels = pickle_integers(pickle_entry(pickle.root(), "labels", file.where), file.where);
  const auto stack = stack_nhwc(pickle.root().find("data"), file.where);
  check_one_label_each(stack.count, labels, file.where);
  auto distinct = labels;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  if (distinct.size() != cifar_fs_split(split).size() || stack.shape != Shape{32, 32, 3})
    throw Error(std::to_string(distinct.size()) + " classes of pictures " + to_string(stack.shape) + ", but the " +
                    std::string(to_string(split)) + " split has " + std::to_string(cifar_fs_split(split).size()) +
                    " of (32, 32, 3)",
                file.where, "Check that the file is of this split.");

  ByteImages images;
  images.name = "CIFAR-FS " + std::string(to_string(split));
  images.shape = stack.shape;
  for (const Index l : distinct) images.classes.push_back("label " + std::to_string(l));
  for (const Index l : labels)
    images.label.push_back(std::lower_bound(distinct.begin(), distinct.end(), l) - distinct.begin());
  check_class_counts(images.classes, images.label, split, cifar_fs_per_class, file.where);
  images.pixels.reserve_at_least(stack.count * images.shape.count());
  for (Index i = 0; i < stack.count; ++i) stack.copy(i, images.image(i));
  if (!keep_labels) images.label.clear(), images.classes.clear();
  return images;
}

}  // namespace sseg::detail

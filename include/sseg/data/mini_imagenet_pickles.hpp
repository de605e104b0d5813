#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/byte_stack.hpp"
#include "sseg/data/mini_imagenet_split.hpp"
#include "sseg/data/pickle_lists.hpp"
#include "sseg/data/split.hpp"
#include "sseg/io/pickle.hpp"

namespace sseg::detail {

/// Which pictures of a stack belong to each class of a split.
struct StackOfClasses {
  ByteStack stack;
  std::vector<std::vector<Index>> pictures;  ///< one list for each class
};

/// The place of a class in the split. Throws `Error` when it is none of them.
inline std::size_t mini_imagenet_class(std::string_view name, Split split, const std::string& where) {
  const auto classes = mini_imagenet_split(split);
  const auto at = std::find(classes.begin(), classes.end(), name);
  if (at == classes.end())
    throw Error("the class '" + std::string(name.substr(0, 40)) + "' is none of the " + std::string(to_string(split)) +
                    " split of Ravi & Larochelle",
                where, "Check that the file is of this split: that of Vinyals et al. is another.");
  return static_cast<std::size_t>(at - classes.begin());
}

/// Out of mini-imagenet-cache-*.pkl: image_data (N, H, W, 3), and class_dict with the places of each class's pictures.
inline StackOfClasses mini_imagenet_cache(const PickleValue& root, Split split, const std::string& where) {
  StackOfClasses out{stack_nhwc(root.find("image_data"), where), {}};
  out.pictures.resize(mini_imagenet_split(split).size());
  const PickleValue& classes = pickle_entry(root, "class_dict", where);
  std::vector<bool> taken(to_size(out.stack.count));
  if (classes.dict() == nullptr) throw Error("class_dict is no dict", where, "Check that it is the right file.");
  for (const auto& [name, places] : classes.dict()->items) {
    auto& pictures = out.pictures[mini_imagenet_class(name->text().value_or("?"), split, where)];
    if (!pictures.empty()) throw Error("class_dict has a class twice", where, "Write the pickle again.");
    pictures = pickle_integers(*places, where);
    for (const Index i : pictures) {
      if (i < 0 || i >= out.stack.count || taken[to_size(i)])
        throw Error("class_dict has the picture " + std::to_string(i) + " twice, or there is none", where,
                    "Write the pickle again.");
      taken[to_size(i)] = true;
    }
  }
  return out;
}

/// Out of miniImageNet_category_split_*.pickle (Lee et al. 2019, MetaOptNet): data (N, H, W, 3), labels, and
/// catname2label with the label of each class.
inline StackOfClasses mini_imagenet_category_split(const PickleValue& root, Split split, const std::string& where) {
  StackOfClasses out{stack_nhwc(root.find("data"), where), {}};
  out.pictures.resize(mini_imagenet_split(split).size());
  const auto labels = pickle_integers(pickle_entry(root, "labels", where), where);
  const PickleValue& names = pickle_entry(root, "catname2label", where);
  if (static_cast<Index>(labels.size()) != out.stack.count || names.dict() == nullptr)
    throw Error(std::to_string(out.stack.count) + " pictures with " + std::to_string(labels.size()) +
                    " labels, and catname2label is " + std::string(names.kind()),
                where, "Check that it is the right file.");
  std::vector<std::pair<Index, std::size_t>> class_of;  // label -> place in the split
  for (const auto& [name, label] : names.dict()->items)
    class_of.emplace_back(label->integer().value_or(-1), mini_imagenet_class(name->text().value_or("?"), split, where));
  std::sort(class_of.begin(), class_of.end());
  for (Index i = 0; i < out.stack.count; ++i) {
    const auto at = std::lower_bound(class_of.begin(), class_of.end(), std::pair{labels[to_size(i)], std::size_t{0}});
    if (at == class_of.end() || at->first != labels[to_size(i)])
      throw Error("the label " + std::to_string(labels[to_size(i)]) + " has no name in catname2label", where,
                  "Write the pickle again.");
    out.pictures[at->second].push_back(i);
  }
  return out;
}

}  // namespace sseg::detail

#pragma once
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/data/images.hpp"

namespace sseg {

/// Some classes of a labelled set, and some pictures of each, with labels from 0: those of the group that has the most
/// classes, where there are groups. Throws: Error when there are no two classes of two pictures.
inline Images few_classes(const Images& all, Index most_classes = 20, Index most_pictures = 30) {
  require(!all.label.empty(), "these pictures have no labels", "few_classes", "name labelled ones");
  std::map<Index, std::map<Index, std::vector<Index>>> groups;  // label -> pictures, of each group
  for (Index i = 0; i < all.size(); ++i)
    if (all.label[to_size(i)] >= 0)
      groups[all.group.empty() ? 0 : all.group[to_size(i)]][all.label[to_size(i)]].push_back(i);
  for (auto& [group, classes] : groups) std::erase_if(classes, [](const auto& c) { return c.second.size() < 2; });
  const auto most = std::max_element(groups.begin(), groups.end(),
                                     [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  require(most != groups.end() && most->second.size() >= 2, "there are no two classes of two pictures", "few_classes",
          "bring more labelled pictures");
  std::vector<Index> chosen, label;
  std::vector<std::string> names;
  for (const auto& [of_class, pictures] : most->second) {
    if (static_cast<Index>(names.size()) == most_classes) break;
    const auto count = std::min(static_cast<Index>(pictures.size()), most_pictures);
    chosen.insert(chosen.end(), pictures.begin(), pictures.begin() + count);
    label.insert(label.end(), to_size(count), static_cast<Index>(names.size()));
    const bool named = of_class < static_cast<Index>(all.classes.size());
    names.push_back(named ? all.classes[to_size(of_class)] : "class " + std::to_string(of_class));
  }
  Images some = all.subset(chosen);
  some.label = std::move(label), some.classes = std::move(names);
  some.group.clear(), some.groups.clear();
  return some;
}

}  // namespace sseg

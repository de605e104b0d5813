#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/data/find_in_tree.hpp"
#include "sseg/data/split.hpp"
#include "sseg/io/filled_lines.hpp"

namespace sseg::detail {

/// "train", "val", "test": the usual short names.
constexpr std::string_view short_name(Split split) { return split == Split::validation ? "val" : to_string(split); }

/// Where the tree holds a list of the split's classes, `folder`/{train,val,test}.txt with one class a line: throws
/// `Error` unless it names exactly `classes`.
template <class Names>
void check_split_list(const FileTree& tree, const std::string& folder, const Names& classes, Split split) {
  constexpr Index most_bytes = 1 << 16;
  const Index file = find_file(tree, folder + "/" + std::string(short_name(split)) + ".txt");
  if (file < 0) return;
  const auto listed = filled_lines(tree.read(file, most_bytes));
  const auto lacks = [](const auto& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) == list.end();
  };
  const auto refuse = [&](std::string_view name, const char* how) {
    throw Error("the class '" + std::string(name) + "' " + how + " of the " + std::string(to_string(split)) + " split",
                tree.where(tree.paths()[to_size(file)]),
                "The list is of another split: fetch the data set again, or load the folder as your own classes.");
  };
  for (const auto& name : classes)
    if (lacks(listed, name)) refuse(name, "is missing from the list");
  for (const auto& name : listed)
    if (lacks(classes, name)) refuse(name, "is listed, but none");
}

}  // namespace sseg::detail

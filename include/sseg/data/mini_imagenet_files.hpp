#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/data/mini_imagenet_pickles.hpp"
#include "sseg/data/split.hpp"
#include "sseg/io/csv_table.hpp"

namespace sseg::detail {

/// The picture files of each class of a split that a table names, in its order: columns filename and label (Ravi &
/// Larochelle), or image_name and class_name (easyfsl). Pictures lie beside the table or beside its folder, in
/// `images/` or not, in folders of classes or not. Throws `Error`: other columns, a class of another split, a picture
/// that is not there.
inline std::vector<std::vector<Index>> mini_imagenet_listed(const FileTree& tree, Index csv, Split split) {
  constexpr Index most_bytes = Index{1} << 22;
  const std::string& path = tree.paths()[to_size(csv)];
  const std::string where = tree.where(path), text = tree.read(csv, most_bytes);
  const CsvTable table(text, where);
  const bool easyfsl = table.has("class_name") && table.has("image_name");
  const Index name_at = table.column(easyfsl ? "image_name" : "filename"),
              class_at = table.column(easyfsl ? "class_name" : "label");

  const auto parent = [](std::string_view p) {  // "a/b/" or "a/b/c" -> "a/b/", "a/" for the former
    if (p.ends_with('/')) p.remove_suffix(1);
    const auto slash = p.rfind('/');
    return std::string(p.substr(0, slash == p.npos ? 0 : slash + 1));
  };
  const std::string beside = parent(path), above = parent(beside);
  std::unordered_map<std::string_view, Index> file_at;
  for (Index i = 0; i < tree.size(); ++i) file_at.emplace(tree.paths()[to_size(i)], i);
  const auto find = [&](const std::string& name, const std::string& of_class) {
    for (const std::string& base : {beside, above})
      for (const std::string& folder :
           {std::string("images/"), std::string(), "images/" + of_class + "/", of_class + "/"}) {
        std::string picture = base;
        picture.append(folder).append(name);
        if (const auto at = file_at.find(picture); at != file_at.end()) return at->second;
      }
    throw Error("the table names the picture '" + name.substr(0, 80) + "', which is not there", where,
                "Put the pictures into a folder 'images' beside the table.");
  };

  std::vector<std::vector<Index>> pictures(mini_imagenet_split(split).size());
  std::vector<bool> taken(to_size(tree.size()));
  for (Index row = 0; row < table.size(); ++row) {
    const std::string &name = table.cell(row, name_at), &of_class = table.cell(row, class_at);
    const std::size_t k = mini_imagenet_class(of_class, split, where);
    const Index file = find(name, of_class);
    if (taken[to_size(file)])
      throw Error("the table names the picture '" + name + "' twice", where, "Take one of the rows out.");
    taken[to_size(file)] = true;
    pictures[k].push_back(file);
  }
  return pictures;
}

}  // namespace sseg::detail

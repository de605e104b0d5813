#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/data/picture_listing.hpp"

namespace sseg::detail {

/// The place in the tree of the file with this name, at whatever depth ("train.bin", "bertinetto/train.txt"), or -1.
/// Throws `Error` when there are two.
inline Index find_file(const FileTree& tree, std::string_view name) {
  Index found = -1;
  for (Index i = 0; i < tree.size(); ++i) {
    const std::string_view path = tree.paths()[to_size(i)];
    if (!path.ends_with(name) || (path.size() > name.size() && path[path.size() - name.size() - 1] != '/')) continue;
    if (found >= 0)
      throw Error("two files '" + std::string(name) + "': '" + tree.paths()[to_size(found)] + "' and '" +
                      std::string(path) + "'",
                  tree.root().string(), "Name the folder of one of them.");
    found = i;
  }
  return found;
}

/// "a/b/c.png" -> {"a", "b"}: the folder of a picture and what that folder lies in.
inline std::pair<std::string_view, std::string_view> folder_of(std::string_view path) {
  const auto split = [](std::string_view& rest) {
    const auto slash = rest.rfind('/');
    const auto last = slash == rest.npos ? rest : rest.substr(slash + 1);
    rest = slash == rest.npos ? std::string_view{} : rest.substr(0, slash);
    return last;
  };
  split(path);
  const auto folder = split(path);
  return {path, folder};
}

/// The pictures in folders that bear the names of classes, one list for each class, sorted by path.
/// Throws `Error` when the folders of two classes, or two folders of one, do not lie side by side in one folder.
template <class Names>
std::vector<std::vector<Index>> class_folders(const FileTree& tree, const Names& classes) {
  std::unordered_map<std::string_view, std::size_t> class_named;
  for (std::size_t k = 0; k < classes.size(); ++k) class_named.emplace(classes[k], k);
  std::vector<std::vector<Index>> pictures(classes.size());
  std::string_view common;
  bool any = false;
  for (Index i = 0; i < tree.size(); ++i) {
    const std::string_view path = tree.paths()[to_size(i)];
    const auto [within, folder] = folder_of(path);
    const auto at = class_named.find(folder);
    if (at == class_named.end() || !is_picture_path(path)) continue;
    if (any && within != common)
      throw Error("folders of classes in two places: '" + std::string(common) + "/' and '" + std::string(within) + "/'",
                  tree.root().string(), "Name the folder that holds those of one data set.");
    common = within, any = true;
    pictures[at->second].push_back(i);
  }
  return pictures;
}

}  // namespace sseg::detail

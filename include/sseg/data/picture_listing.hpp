#pragma once
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/image_folder_options.hpp"

namespace sseg {

/// The pictures of a tree, in the order of its sorted paths, and their classes, sorted by name.
struct PictureListing {
  std::vector<Index> file;           ///< place among the tree's paths
  std::vector<Index> label;          ///< one per picture, or empty
  std::vector<std::string> classes;  ///< name of each label
};

namespace detail {

/// Whether the name ends as those of PNG, JPEG and PNM files do, in any case.
inline bool is_picture_path(std::string_view path) {
  const auto dot = path.rfind('.');
  if (dot == path.npos) return false;
  std::string ending(path.substr(dot + 1));
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string_view known : {"png", "jpg", "jpeg", "pbm", "pgm", "ppm", "pnm"})
    if (ending == known) return true;
  return false;
}

/// The folders that lead to the classes: those that all pictures share, but for the one folder that holds them all.
inline std::string_view shared_folders(std::string_view first, std::string_view last) {
  const auto differ = std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first;
  std::string_view shared = first.substr(0, static_cast<std::size_t>(differ - first.begin()));
  const auto up = [](std::string_view path) { return path.substr(0, path.rfind('/') + 1); };  // npos + 1 is 0
  return up(shared);
}

/// Throws for a class folder, known from its files or by itself, without a picture.
inline void check_no_class_is_empty(const std::vector<std::string>& paths, const std::vector<std::string>& folders,
                                    std::string_view prefix, const std::vector<std::string>& classes,
                                    const std::string& where) {
  const auto check = [&](std::string_view path) {
    if (!path.starts_with(prefix)) return;
    const auto name = path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size());
    if (!name.empty() && !std::binary_search(classes.begin(), classes.end(), name))
      throw Error("the class folder '" + std::string(name) + "' holds no picture", where,
                  "Put PNG, JPEG or PNM pictures into it, or take the folder away.");
  };
  for (const auto& folder : folders) check(folder);
  for (const auto& path : paths)
    if (path.find('/', std::min(prefix.size(), path.size())) != path.npos) check(path);
}

/// Fills labels and classes of the listed pictures.
inline void label_pictures(PictureListing& list, const std::vector<std::string>& paths,
                           const std::vector<std::string>& folders, std::string_view prefix,
                           const ImageFolderOptions& options, const std::string& where) {
  const auto path_of = [&](Index file) { return std::string_view(paths[to_size(file)]); };
  if (options.within.empty()) {
    prefix = shared_folders(path_of(list.file.front()), path_of(list.file.back()));
    const auto lies_inside = [&](Index f) { return path_of(f).find('/', prefix.size()) == std::string_view::npos; };
    if (!prefix.empty() && std::all_of(list.file.begin(), list.file.end(), lies_inside))  // one class
      prefix = prefix.substr(0, prefix.rfind('/', prefix.size() - 2) + 1);
  }
  std::vector<std::string_view> names;
  for (const Index file : list.file) {
    const auto rest = path_of(file).substr(prefix.size());
    const auto end = options.class_folder == ClassFolder::first ? rest.find('/') : rest.rfind('/');
    if (end == rest.npos)
      throw Error("the picture lies in no class folder", where + ":" + std::string(path_of(file)),
                  "Move it into one; or name the folder of the class folders by `within`; or set `labelled` to false.");
    names.push_back(rest.substr(0, end));
  }
  list.classes.assign(names.begin(), names.end());
  std::sort(list.classes.begin(), list.classes.end());
  list.classes.erase(std::unique(list.classes.begin(), list.classes.end()), list.classes.end());
  for (const auto name : names)
    list.label.push_back(std::lower_bound(list.classes.begin(), list.classes.end(), name) - list.classes.begin());
  if (options.class_folder == ClassFolder::first) check_no_class_is_empty(paths, folders, prefix, list.classes, where);
}

}  // namespace detail

/// The pictures among the sorted `paths` of a tree, told by their names (.png .jpg .jpeg .pbm .pgm .ppm .pnm), and the
/// class of each, as the options say. Folders that all pictures share ("archive/images/") come before the class.
/// `folders`: those known to exist. `where` names the tree.
/// Throws `Error`: no pictures, a class folder without any, a picture outside the class folders.
inline PictureListing list_pictures(const std::vector<std::string>& paths, const std::vector<std::string>& folders,
                                    const ImageFolderOptions& options, const std::string& where) {
  std::string prefix = options.within;
  if (!prefix.empty() && prefix.back() != '/') prefix += '/';
  PictureListing list;
  for (std::size_t i = 0; i < paths.size(); ++i)
    if (paths[i].starts_with(prefix) && detail::is_picture_path(paths[i])) list.file.push_back(static_cast<Index>(i));
  if (list.file.empty())
    throw Error("no pictures" + (prefix.empty() ? "" : " below '" + prefix + "'"), where,
                "Name a folder or an archive that holds .png, .jpg or .ppm files.");
  if (options.labelled) detail::label_pictures(list, paths, folders, prefix, options, where);
  return list;
}

}  // namespace sseg

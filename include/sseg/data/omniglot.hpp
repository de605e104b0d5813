#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/data/images.hpp"
#include "sseg/data/omniglot_drawing.hpp"
#include "sseg/data/omniglot_options.hpp"
#include "sseg/data/omniglot_path.hpp"

namespace sseg {

namespace detail {

/// The drawings of one set found in a tree, in the tree's order.
struct OmniglotListing {
  std::string name;                   ///< name of the set: the folder that holds the alphabets, or the archive
  std::vector<Index> file;            ///< index in the tree of each drawing
  std::vector<OmniglotPath> drawing;  ///< views into the tree's paths
};

inline OmniglotListing list_omniglot(const FileTree& tree) {
  OmniglotListing found;
  for (Index i = 0; i < tree.size(); ++i) {
    const auto path = parse_omniglot_path(tree.paths()[to_size(i)]);
    if (!path) continue;
    if (!found.drawing.empty() && found.drawing.back().prefix != path->prefix)
      throw Error("two sets of drawings in one place: '" + std::string(found.drawing.back().prefix) + "' and '" +
                      std::string(path->prefix) + "'",
                  tree.root().string(), "Name the folder of one set, for example .../images_background_small1.");
    found.file.push_back(i);
    found.drawing.push_back(*path);
  }
  if (found.drawing.empty())
    throw Error("no Omniglot drawings: expected alphabet/characterNN/NNNN_MM.png", tree.root().string(),
                "Name an official zip (images_background.zip, ...) or the folder it unpacks to.");
  std::string_view prefix = found.drawing.front().prefix;
  for (const std::string& path : tree.paths())
    if (path.starts_with(prefix) && is_png(path) && !parse_omniglot_path(path))
      throw Error("a picture that is no drawing: expected alphabet/characterNN/NNNN_MM.png", tree.where(path),
                  "Remove the file, or unpack the official archive again.");
  if (!prefix.empty()) prefix.remove_suffix(1);
  found.name = prefix.empty() ? tree.name() : std::string(take_last(prefix));
  return found;
}

/// Throws unless drawings `first` … `end`-1, all of one character, are the 20 official ones.
inline void check_omniglot_character(const FileTree& tree, const OmniglotListing& list, std::size_t first,
                                     std::size_t end) {
  constexpr std::size_t drawings = 20;
  const auto fail = [&](const std::string& what) {
    const auto& d = list.drawing[first];
    throw Error(what, tree.where(std::string(d.prefix) + std::string(d.character)),
                "Unpack the official archive again.");
  };
  if (end - first != drawings) fail("an Omniglot character has 20 drawings, this one " + std::to_string(end - first));
  for (std::size_t i = first; i < end; ++i) {
    const auto& d = list.drawing[i];
    const std::size_t expected = i - first + 1;
    if (d.drawing != (expected < 10 ? "0" : "") + std::to_string(expected))
      fail("the drawings are not numbered 01 to 20");
    if (d.number != list.drawing[first].number) fail("the drawings bear the numbers of two characters");
  }
}

/// Throws when a set bears an official name but not the official counts.
inline void check_omniglot_counts(const Images& images, const std::string& where) {
  struct Official {
    std::string_view name;
    Index alphabets, characters, drawings;
  };
  constexpr std::array<Official, 4> official{{{"images_background", 30, 964, 19280},
                                              {"images_evaluation", 20, 659, 13180},
                                              {"images_background_small1", 5, 136, 2720},
                                              {"images_background_small2", 5, 156, 3120}}};
  const auto counts = [](Index alphabets, Index characters, Index drawings) {
    return std::to_string(alphabets) + " alphabets, " + std::to_string(characters) + " characters and " +
           std::to_string(drawings) + " drawings";
  };
  const auto found = counts(static_cast<Index>(images.groups.size()), static_cast<Index>(images.classes.size()),
                            static_cast<Index>(images.label.size()));
  for (const auto& o : official)
    if (images.name == o.name && found != counts(o.alphabets, o.characters, o.drawings))
      throw Error(images.name + " has " + counts(o.alphabets, o.characters, o.drawings) + ", but here are " + found,
                  where, "Fetch or unpack the official archive again, or give your own selection another name.");
}

}  // namespace detail

/// Loads a set of Omniglot drawings (Lake, Salakhutdinov, Tenenbaum, Science 2015): one of the official zips or the
/// folder it unpacks to (or that folder's parent, if it holds one set). Ink is 1 and paper 0 unless the options say
/// otherwise; `label` is the character ("Greek/character01"), `group` the alphabet; the order is that of the sorted
/// paths.
/// Throws `Error`: missing or damaged files, a drawing not 105 x 105, a character without its 20 drawings, or a set
/// with an official name and other counts than the official.
inline Images load_omniglot(const std::filesystem::path& path, const OmniglotOptions& options = {}) {
  const FileTree tree(path);
  const auto list = detail::list_omniglot(tree);
  const auto count = list.file.size();

  Images images;
  images.name = list.name;
  images.shape = detail::omniglot_shape(options, static_cast<Index>(count), tree.root().string());
  for (std::size_t i = 0, first = 0; i < count; ++i) {
    const auto& d = list.drawing[i];
    if (images.groups.empty() || images.groups.back() != d.alphabet) images.groups.emplace_back(d.alphabet);
    if (images.classes.empty() || images.classes.back() != d.character)
      images.classes.emplace_back(d.character), first = i;
    if (i + 1 == count || list.drawing[i + 1].character != d.character)
      detail::check_omniglot_character(tree, list, first, i + 1);
    images.label.push_back(static_cast<Index>(images.classes.size()) - 1);
    images.group.push_back(static_cast<Index>(images.groups.size()) - 1);
  }
  detail::check_omniglot_counts(images, tree.root().string());

  images.pixels.resize(static_cast<Index>(count) * images.shape.count());
  for (std::size_t i = 0; i < count; ++i) {
    const auto& relative = tree.paths()[to_size(list.file[i])];
    read_omniglot_drawing(tree.read(list.file[i], omniglot_max_file_bytes), tree.where(relative), options,
                          images.image(static_cast<Index>(i)));
  }
  return images;
}

}  // namespace sseg

#pragma once
#include <filesystem>
#include <string>
#include <system_error>

#include "sseg/core/error.hpp"
#include "sseg/data/images.hpp"
#include "sseg/data/omniglot.hpp"
#include "sseg/data/omniglot_options.hpp"
#include "sseg/data/omniglot_set.hpp"
#include "sseg/data/omniglot_vinyals.hpp"
#include "sseg/data/split.hpp"

namespace sseg {

namespace detail {

/// Where in a folder the set lies: `images_background`, `python/images_background`, or with ".zip".
inline std::filesystem::path omniglot_path_of(const std::filesystem::path& folder, OmniglotSet set) {
  const std::string name(file_name(set));
  std::error_code unknown;
  for (const auto& base : {folder, folder / "python"})
    for (const auto& path : {base / name, base / (name + ".zip")})
      if (std::filesystem::exists(path, unknown)) return path;
  throw Error("no '" + name + "' nor '" + name + ".zip' of Omniglot here", folder.string(),
              "Name the folder that holds the official archives, or what they unpack to.");
}

}  // namespace detail

/// Loads one of the official sets from the folder that holds them, unpacked or as zip archives; else as the
/// `load_omniglot` of a path. Throws `Error`: as that, and when the set is not there.
inline Images load_omniglot(const std::filesystem::path& folder, OmniglotSet set, const OmniglotOptions& options = {}) {
  return load_omniglot(detail::omniglot_path_of(folder, set), options);
}

/// Loads a Vinyals split from the folder that holds the background and the evaluation set; see `omniglot_vinyals`.
inline Images load_omniglot_vinyals(const std::filesystem::path& folder, Split split,
                                    const OmniglotOptions& options = {}) {
  return omniglot_vinyals(load_omniglot(folder, OmniglotSet::background, options),
                          load_omniglot(folder, OmniglotSet::evaluation, options), split);
}

}  // namespace sseg

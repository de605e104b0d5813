#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "sseg/core/error.hpp"

namespace sseg {

/// The path of an archive's entry without "." and empty parts: "./a//b" is "a/b"; "." alone is "". A '\' parts
/// folders too when it comes to refusing, as it does on other systems.
/// Throws `Error`, naming the archive and the entry, for an absolute path or one that climbs by "..".
inline std::string archive_path(std::string_view stored, const std::string& archive) {
  const auto refuse = [&](const char* what) {
    return Error(what, archive + ":" + std::string(stored), "Do not trust this archive: fetch it from its maker.");
  };
  const auto is_slash = [](char c) { return c == '/' || c == '\\'; };
  if (!stored.empty() && is_slash(stored[0])) throw refuse("an entry of the archive has an absolute path");
  if (stored.size() > 2 && stored[1] == ':' && is_slash(stored[2]))
    throw refuse("an entry of the archive has an absolute path");
  for (std::string_view rest = stored; !rest.empty();) {
    const auto end = std::min(rest.find_first_of("/\\"), rest.size());
    if (rest.substr(0, end) == "..") throw refuse("an entry of the archive climbs out of its folder by '..'");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::string path;
  while (!stored.empty()) {
    const auto end = std::min(stored.find('/'), stored.size());
    if (const auto part = stored.substr(0, end); !part.empty() && part != ".")
      path.append(path.empty() ? "" : "/").append(part);
    stored.remove_prefix(std::min(end + 1, stored.size()));
  }
  return path;
}

}  // namespace sseg

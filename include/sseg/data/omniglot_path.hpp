#pragma once
#include <algorithm>
#include <optional>
#include <string_view>

namespace sseg::detail {

/// The parts of "prefix/Alphabet/characterNN/NNNN_MM.png"; views into the path it was made from.
struct OmniglotPath {
  std::string_view prefix;     ///< what precedes the alphabet, with its '/', or empty
  std::string_view alphabet;   ///< "Greek"
  std::string_view character;  ///< "Greek/character01"
  std::string_view number;     ///< "0394"
  std::string_view drawing;    ///< "01"
};

/// Splits the last component off: "a/b/c" leaves "a/b" and returns "c".
constexpr std::string_view take_last(std::string_view& path) {
  const auto slash = path.rfind('/');
  const auto last = slash == path.npos ? path : path.substr(slash + 1);
  path = slash == path.npos ? std::string_view{} : path.substr(0, slash);
  return last;
}

constexpr bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

constexpr bool is_png(std::string_view path) { return path.ends_with(".png") || path.ends_with(".PNG"); }

/// The parts of a drawing's path, or nothing when the path is not that of a drawing.
constexpr std::optional<OmniglotPath> parse_omniglot_path(std::string_view path) {
  constexpr std::string_view folder = "character";
  std::string_view rest = path;
  std::string_view file = take_last(rest);
  const auto character_end = rest.size();
  const auto character = take_last(rest), alphabet = take_last(rest);
  if (!is_png(file) || alphabet.empty() || !character.starts_with(folder)) return {};
  file.remove_suffix(4);
  const auto line = file.find('_');
  if (line == file.npos || !is_number(character.substr(folder.size()))) return {};
  if (!is_number(file.substr(0, line)) || !is_number(file.substr(line + 1))) return {};
  const auto begin = rest.empty() ? std::size_t{0} : rest.size() + 1;
  return OmniglotPath{path.substr(0, begin), alphabet, path.substr(begin, character_end - begin), file.substr(0, line),
                      file.substr(line + 1)};
}

}  // namespace sseg::detail

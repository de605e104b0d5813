#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/shape.hpp"

namespace sseg {

/// A value in a YAML text, with its place: a scalar is kept as its text until it is known what it has to be.
struct Yaml {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  bool quoted = false;         ///< a scalar in quotes is text, whatever it looks like
  std::string key{};           ///< by which a map holds it
  std::string text{};          ///< of a scalar
  std::vector<Yaml> items{};   ///< of a list, or of a map in the order of the text
  Index line = 1, column = 1;  ///< of its key where it has one, else of itself; in bytes from 1

  /// The value of a key of this map, or null.
  const Yaml* find(std::string_view wanted) const {
    for (const Yaml& item : items)
      if (kind == Kind::map && item.key == wanted) return &item;
    return nullptr;
  }
  /// The value that a dotted path names, or null: "evolution.growth".
  const Yaml* find_path(std::string_view path) const {
    const auto dot = path.find('.');
    const Yaml* first = find(path.substr(0, dot));
    return first == nullptr || dot == path.npos ? first : first->find_path(path.substr(dot + 1));
  }
  /// "run.yaml:12:3"
  std::string place(const std::string& file) const {
    return file + ":" + std::to_string(line) + ":" + std::to_string(column);
  }
};

}  // namespace sseg

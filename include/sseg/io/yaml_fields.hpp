#pragma once
#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sseg/io/yaml.hpp"
#include "sseg/meta/override.hpp"

namespace sseg {

namespace detail {

/// Where in which file a setting is read, for messages.
struct YamlPlace {
  const std::string& file;
  std::string path{};  ///< of the group at hand, "evolution.growth"

  std::string path_of(std::string_view name) const {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
  }
  [[noreturn]] void refuse(const Yaml& node, const std::string& what, const std::string& cure) const {
    throw Error((path.empty() ? "" : path + ": ") + what, node.place(file), cure);
  }
  /// A value of another kind than the setting's.
  [[noreturn]] void refuse_kind(const Yaml& node, const std::string& wanted) const {
    constexpr std::string_view kinds[] = {"nothing", "a single value", "a list", "a group of settings"};
    refuse(node, "found " + std::string(kinds[static_cast<std::size_t>(node.kind)]) + " instead of " + wanted,
           "give " + wanted);
  }
  [[noreturn]] void refuse_scalar(const Yaml& node, const std::string& wanted) const {
    const std::string text = "'" + node.text.substr(0, 200) + "'";
    refuse(node, node.quoted ? text + " in quotes is text, not " + wanted : text + " is not " + wanted,
           "give " + wanted);
  }
};

/// What a scalar of type T may be, with the range of a whole number.
template <class T>
std::string yaml_wanted() {
  std::string wanted(type_in_words<T>());
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
    wanted +=
        " from " + to_text_value(std::numeric_limits<T>::min()) + " to " + to_text_value(std::numeric_limits<T>::max());
  return wanted;
}

/// A number as YAML 1.2 writes it, as from_text_value takes it: .inf without its dot, +1 without its sign.
inline std::string_view plain_number(std::string_view text, std::string& room) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  const bool minus = text.starts_with('-');
  std::string_view word = text.substr(minus ? 1 : 0);
  for (const std::string_view special : {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})
    if (word == special) return room = (minus ? "-" : "") + std::string(special.substr(1));
  return text;
}

template <class T>
void scalar_from_yaml(const Yaml& node, T& out, const YamlPlace& at) {
  if (node.kind != Yaml::Kind::scalar) at.refuse_kind(node, yaml_wanted<T>());
  if constexpr (std::is_arithmetic_v<T>) {
    std::string room;
    const auto value = node.quoted ? std::nullopt : from_text_value<T>(plain_number(node.text, room));
    if (!value) at.refuse_scalar(node, yaml_wanted<T>());
    out = *value;
  } else {
    out = node.text;
  }
}

/// Throws: Error unless the node is a map of no other keys than `names`.
inline void check_yaml_map(const Yaml& node, const std::vector<std::string_view>& names, const YamlPlace& at) {
  if (node.kind != Yaml::Kind::map) at.refuse_kind(node, "a group of settings");
  for (const Yaml& item : node.items)
    if (std::find(names.begin(), names.end(), item.key) == names.end())
      at.refuse(item, "no field '" + item.key.substr(0, 200) + "'", suggest_name(names, item.key));
}

template <class T>
void fields_from_yaml(const Yaml& node, T& out, const YamlPlace& at) {
  if constexpr (Reflected<T>) {
    check_yaml_map(node, field_names(out), at);
    for_each_field(out, [&](std::string_view name, auto& member) {
      const Yaml* field = node.find(name);
      if (field != nullptr && field->kind != Yaml::Kind::null)
        fields_from_yaml(*field, member, YamlPlace{at.file, at.path_of(name)});
    });
  } else if constexpr (ListField<T>) {
    if (node.kind != Yaml::Kind::list) at.refuse_kind(node, "a list");
    T list;
    for (const Yaml& item : node.items) scalar_from_yaml(item, list.emplace_back(), at);
    out = std::move(list);
  } else {
    scalar_from_yaml(node, out, at);
  }
}

}  // namespace detail

/// Reads a YAML map into a reflected struct; `file` names the source in messages. Fields that are missing, or whose
/// value is left empty (null), keep their values.
/// Throws: Error "evolution.growth: no field 'max_block'" at "run.yaml:12:5" with the nearest name, or for a value of
/// another type.
template <Reflected T>
void fields_from_yaml(const Yaml& node, T& out, const std::string& file) {
  if (node.kind != Yaml::Kind::null) detail::fields_from_yaml(node, out, detail::YamlPlace{file});
}

/// The same from a text. Throws: as `parse_yaml`, too.
template <Reflected T>
void fields_from_yaml(std::string_view text, T& out, const std::string& file) {
  fields_from_yaml(parse_yaml(text, file), out, file);
}

}  // namespace sseg

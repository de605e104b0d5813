#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/meta/field_text.hpp"

namespace sseg {

namespace detail {

/// Edits (insert, delete, replace) from one word to another (Levenshtein 1966).
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
    }
  }
  return row[b.size()];
}

/// "did you mean 'max_blocks'?" or, when none of the names is near, all of them. `kind`: what they are names of.
inline std::string suggest_name(const std::vector<std::string_view>& names, std::string_view wrong,
                                const std::string& kind = "fields") {
  std::string_view nearest;
  std::string all;
  std::size_t best = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (const std::string_view name : names) {
    all.append(all.empty() ? "" : ", ").append(name);
    if (const std::size_t d = edit_distance(wrong, name); d < best) best = d, nearest = name;
  }
  return nearest.empty() ? "the " + kind + " are: " + all : "did you mean '" + std::string(nearest) + "'?";
}

template <Reflected T>
std::vector<std::string_view> field_names(const T& object) {
  std::vector<std::string_view> names;
  for_each_field(object, [&](std::string_view name, const auto&) { names.push_back(name); });
  return names;
}

}  // namespace detail

/// "did you mean 'max_blocks'?" or, when nothing is near, the list of fields.
template <Reflected T>
std::string suggest_field(const T& object, std::string_view wrong) {
  return detail::suggest_name(detail::field_names(object), wrong);
}

namespace detail {

/// Text for the field that a dotted path names, and the complaints when it cannot be set.
struct Setting {
  std::string_view path;  ///< what is left of it inside the group at hand
  std::string_view text;
  std::string_view whole;  ///< the path from the top

  std::string_view first() const { return path.substr(0, path.find('.')); }
  bool is_last() const { return path.find('.') == path.npos; }
  Setting rest() const { return {path.substr(path.find('.') + 1), text, whole}; }

  [[noreturn]] void refuse(const std::string& what, const std::string& cure) const {
    throw Error(what, "setting '" + std::string(whole) + "'", cure);
  }
  [[noreturn]] void refuse_group(const std::string& fields) const {
    refuse("'" + std::string(first()) + "' is a group of settings",
           fields + "; write " + std::string(whole) + ".FIELD=VALUE");
  }
  [[noreturn]] void refuse_single() const {
    const auto end = whole.size() - path.size() + first().size();
    refuse("'" + std::string(first()) + "' is a single value and has no fields",
           "write " + std::string(whole.substr(0, end)) + "=VALUE");
  }
  [[noreturn]] void refuse_text(std::string_view wanted) const {
    refuse("'" + std::string(text) + "' is not " + std::string(wanted), "give " + std::string(wanted));
  }
};

template <class T>
void set_single(T& member, const Setting& setting) {
  if (!setting.is_last()) setting.refuse_single();
  auto value = from_text_value<T>(setting.text);
  if (!value) setting.refuse_text(type_in_words<T>());
  member = *std::move(value);
}

template <Reflected T>
void set_field(T& object, const Setting& setting) {
  bool found = false;
  for_each_field(object, [&](std::string_view name, auto& member) {
    if (name != setting.first()) return;
    found = true;
    if constexpr (Reflected<decltype(member)>) {
      if (setting.is_last()) setting.refuse_group(suggest_field(member, ""));
      set_field(member, setting.rest());
    } else {
      set_single(member, setting);
    }
  });
  if (!found)
    setting.refuse("no setting '" + std::string(setting.first()) + "'", suggest_field(object, setting.first()));
}

}  // namespace detail

/// Sets the field that a dotted path names ("evolution.growth.max_blocks") from text.
/// Throws: Error naming the path and the nearest field, or the type that was expected.
template <Reflected T>
void set_field(T& object, std::string_view path, std::string_view text) {
  detail::set_field(object, {path, text, path});
}

/// Applies one "path=value" of a command line. Throws: as `set_field`, or without an '='.
template <Reflected T>
void apply_override(T& object, std::string_view assignment) {
  const auto equals = assignment.find('=');
  if (equals == assignment.npos || equals == 0)
    throw Error("'" + std::string(assignment) + "' sets nothing", "command line", "write SETTING=VALUE");
  set_field(object, assignment.substr(0, equals), assignment.substr(equals + 1));
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <string>
#include <string_view>
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

}  // namespace detail

/// "did you mean 'max_blocks'?" or, when nothing is near, the list of fields.
template <Reflected T>
std::string suggest_field(const T& object, std::string_view wrong) {
  std::string nearest, all;
  std::size_t best = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for_each_field(object, [&](std::string_view name, const auto&) {
    all += (all.empty() ? "" : ", ") + std::string(name);
    if (const std::size_t d = detail::edit_distance(wrong, name); d < best) best = d, nearest = name;
  });
  return nearest.empty() ? "the fields are: " + all : "did you mean '" + nearest + "'?";
}

/// Sets the field that a dotted path names ("evolution.growth.max_blocks") from text.
/// Throws: Error naming the path and the nearest field, or the type that was expected.
template <Reflected T>
void set_field(T& object, std::string_view path, std::string_view text, std::string_view whole = {}) {
  if (whole.empty()) whole = path;
  const auto dot = path.find('.');
  const std::string_view first = path.substr(0, dot);
  const std::string where = "setting '" + std::string(whole) + "'";
  bool found = false;
  for_each_field(object, [&](std::string_view name, auto& member) {
    if (name != first) return;
    found = true;
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (Reflected<Member>) {
      if (dot == path.npos)
        throw Error("'" + std::string(first) + "' is a group of settings", where,
                    suggest_field(member, "") + "; write " + std::string(whole) + ".FIELD=VALUE");
      set_field(member, path.substr(dot + 1), text, whole);
    } else {
      if (dot != path.npos)
        throw Error("'" + std::string(first) + "' is a single value and has no fields", where,
                    "write " + std::string(whole.substr(0, whole.size() - path.size() + dot)) + "=VALUE");
      const auto value = from_text_value<Member>(text);
      if (!value)
        throw Error("'" + std::string(text) + "' is not " + std::string(type_in_words<Member>()), where,
                    "give " + std::string(type_in_words<Member>()));
      member = *value;
    }
  });
  if (!found) throw Error("no setting '" + std::string(first) + "'", where, suggest_field(object, first));
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

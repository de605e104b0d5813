#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sseg/io/json.hpp"
#include "sseg/meta/override.hpp"

namespace sseg {

/// A reflected struct as a JSON object; vectors as arrays.
template <class T>
Json fields_to_json(const T& value) {
  if constexpr (Reflected<T>) {
    Json object = Json::object();
    for_each_field(value, [&](std::string_view name, const auto& m) { object[std::string(name)] = fields_to_json(m); });
    return object;
  } else if constexpr (ListField<T>) {
    Json array = Json::array();
    for (const auto& item : value) array.push_back(fields_to_json(item));
    return array;
  } else {
    return value;
  }
}

namespace detail {

[[noreturn]] inline void refuse_json_type(const Json& json, std::string_view wanted, const std::string& where) {
  throw Error("found " + std::string(json.type_name()) + " instead of " + std::string(wanted), where,
              "give " + std::string(wanted));
}

/// A scalar from JSON: the exact kind is demanded, and whole numbers must fit.
template <class T>
void scalar_from_json(const Json& json, T& out, const std::string& where) {
  const bool fits = std::is_same_v<T, bool>       ? json.is_boolean()
                    : std::is_integral_v<T>       ? json.is_number_integer()
                    : std::is_floating_point_v<T> ? json.is_number()
                                                  : json.is_string();
  if (!fits) refuse_json_type(json, type_in_words<T>(), where);
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    const bool in_range = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                                    : std::in_range<T>(json.get<std::int64_t>());
    if (!in_range) throw Error("the number " + json.dump() + " is out of range", where, "give a smaller number");
  }
  json.get_to(out);
}

/// Throws unless `json` is an object of no other keys than `names`.
inline void check_json_object(const Json& json, const std::vector<std::string_view>& names, const std::string& where) {
  if (!json.is_object()) throw Error("found no object", where, "write { … } there");
  for (const auto& item : json.items())
    if (std::find(names.begin(), names.end(), item.key()) == names.end())
      throw Error("no field '" + item.key() + "'", where, suggest_name(names, item.key()));
}

/// The value of a key, or null. `place` becomes "where.name".
inline const Json* find_json_field(const Json& json, std::string_view name, const std::string& where,
                                   std::string& place) {
  const auto it = json.find(name);
  if (it == json.end()) return nullptr;
  place = where + "." + std::string(name);
  return &*it;
}

}  // namespace detail

/// Reads a JSON object into a reflected struct. Missing fields keep their values.
/// Throws: Error naming the place for an unknown field (with the nearest name) or a value of the wrong type.
template <class T>
void fields_from_json(const Json& json, T& out, const std::string& where) {
  if constexpr (Reflected<T>) {
    detail::check_json_object(json, detail::field_names(out), where);
    std::string place;
    for_each_field(out, [&](std::string_view name, auto& member) {
      if (const Json* field = detail::find_json_field(json, name, where, place))
        fields_from_json(*field, member, place);
    });
  } else if constexpr (ListField<T>) {
    if (!json.is_array()) throw Error("found no list", where, "write [ … ] there");
    out.clear();
    for (std::size_t i = 0; i < json.size(); ++i) {
      typename T::value_type item{};
      fields_from_json(json[i], item, where + "[" + std::to_string(i) + "]");
      out.push_back(std::move(item));
    }
  } else {
    detail::scalar_from_json(json, out, where);
  }
}

}  // namespace sseg

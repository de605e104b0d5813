#pragma once
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

/// A scalar from JSON: the exact kind is demanded, and whole numbers must fit.
template <class T>
void scalar_from_json(const Json& json, T& out, const std::string& where) {
  const bool fits = std::is_same_v<T, bool>       ? json.is_boolean()
                    : std::is_integral_v<T>       ? json.is_number_integer()
                    : std::is_floating_point_v<T> ? json.is_number()
                                                  : json.is_string();
  if (!fits)
    throw Error("found " + std::string(json.type_name()) + " instead of " + std::string(type_in_words<T>()), where,
                "give " + std::string(type_in_words<T>()));
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    const bool in_range = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                                    : std::in_range<T>(json.get<std::int64_t>());
    if (!in_range) throw Error("the number " + json.dump() + " is out of range", where, "give a smaller number");
  }
  json.get_to(out);
}

}  // namespace detail

/// Reads a JSON object into a reflected struct. Missing fields keep their values.
/// Throws: Error naming the place for an unknown field (with the nearest name) or a value of the wrong type.
template <class T>
void fields_from_json(const Json& json, T& out, const std::string& where) {
  if constexpr (Reflected<T>) {
    if (!json.is_object()) throw Error("found no object", where, "write { … } there");
    for (const auto& item : json.items()) {
      const std::string& key = item.key();
      bool known = false;
      for_each_field(out, [&](std::string_view name, const auto&) { known |= name == key; });
      if (!known) throw Error("no field '" + key + "'", where, suggest_field(out, key));
    }
    for_each_field(out, [&](std::string_view name, auto& member) {
      if (const auto it = json.find(name); it != json.end())
        fields_from_json(*it, member, where + "." + std::string(name));
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

#pragma once
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "sseg/meta/fields.hpp"

namespace sseg {

/// A list of scalars.
template <class T>
concept ListField = requires {
  typename T::value_type;
}
&&!std::is_convertible_v<T, std::string_view>;

/// A scalar as text: the shortest digits that read back to the same value; text as it is. A list: "[1,2]".
template <class T>
std::string to_text_value(const T& value) {
  if constexpr (ListField<T>) {
    std::string text = "[";
    for (const auto& item : value) text += (text.size() > 1 ? "," : "") + to_text_value(item);
    return text + "]";
  } else if constexpr (std::same_as<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_arithmetic_v<T>) {
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return {digits, end};
  } else {
    return std::string(value);
  }
}

/// The scalar a text stands for, the whole text; empty when it is none. Lists with or without brackets: "[1,2]", "1,2".
template <class T>
std::optional<T> from_text_value(std::string_view text) {
  if constexpr (ListField<T>) {
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    T list;
    while (!text.empty()) {
      const auto comma = text.find(',');
      const auto item = from_text_value<typename T::value_type>(text.substr(0, comma));
      if (!item || comma + 1 == text.size()) return {};
      list.push_back(*item);
      text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
    }
    return list;
  } else if constexpr (std::same_as<T, bool>) {
    if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
    if (text == "false" || text == "no" || text == "off" || text == "0") return false;
    return {};
  } else if constexpr (std::is_arithmetic_v<T>) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return {};
    return value;
  } else {
    return T(text);
  }
}

/// What a field of type T holds, in words for messages.
template <class T>
constexpr std::string_view type_in_words() {
  if constexpr (ListField<T>)
    return "a list, its items between commas";
  else if constexpr (std::same_as<T, bool>)
    return "true or false";
  else if constexpr (std::is_integral_v<T>)
    return "a whole number";
  else if constexpr (std::is_floating_point_v<T>)
    return "a number";
  else
    return "text";
}

namespace detail {

/// Text in double quotes as YAML 1.2 escapes it.
inline std::string yaml_quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef", short_escapes = "\"\\\n\r\t", letters = "\"\\nrt";
  std::string out = "\"";
  for (const char c : text) {
    if (const auto k = short_escapes.find(c); k != text.npos)
      out += {'\\', letters[k]};
    else if (const auto code = static_cast<unsigned char>(c); code < 0x20 || code == 0x7f)
      out += {'\\', 'x', hex[code >> 4], hex[code & 15]};
    else
      out += c;
  }
  return out + "\"";
}

/// A number as YAML 1.2 writes it: infinity and not-a-number have words of their own.
template <class T>
std::string yaml_number(const T& value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (value != value) return ".nan";
    if (value - value != 0) return value > 0 ? ".inf" : "-.inf";
  }
  return to_text_value(value);
}

/// A number or a truth as it is, text in quotes, a list in brackets.
template <class T>
std::string yaml_value(const T& value) {
  if constexpr (ListField<T>) {
    std::string items;
    for (const auto& item : value) items += (items.empty() ? "" : ", ") + yaml_value(item);
    return "[" + items + "]";
  } else if constexpr (std::is_arithmetic_v<T>) {
    return yaml_number(value);
  } else {
    return yaml_quoted(value);
  }
}

/// Adds "name: value", or "name:" where no value stands on the line. What does not depend on a field's type is written
/// as a function of its own, here and elsewhere: a program reflects hundreds of fields, and their code takes long to
/// compile.
inline void add_yaml_line(std::string& text, std::string_view indent, std::string_view name, std::string_view value) {
  text.append(indent).append(name).append(value.empty() ? ":" : ": ").append(value).append("\n");
}

template <Reflected T>
void add_yaml(std::string& text, const T& object, const std::string& indent) {
  for_each_field(object, [&](std::string_view name, const auto& member) {
    if constexpr (Reflected<decltype(member)>) {
      add_yaml_line(text, indent, name, {});
      add_yaml(text, member, indent + "  ");
    } else {
      add_yaml_line(text, indent, name, yaml_value(member));
    }
  });
}

}  // namespace detail

/// The fields as YAML, nested structs indented; every value as it stands.
template <Reflected T>
std::string to_yaml(const T& object, std::string_view indent = "") {
  std::string text;
  detail::add_yaml(text, object, std::string(indent));
  return text;
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sseg/core/shape.hpp"
#include "sseg/io/pickle_array.hpp"
#include "sseg/io/pickle_name.hpp"

namespace sseg {

/// A value out of a Python pickle, owned by its `Pickle`. Texts and bytes are views into the bytes that were read, or
/// into the `Pickle`. A value may be the part of several others, never of itself.
struct PickleValue {
  struct None {};
  /// What Python 3 calls str, Python 2 unicode; UTF-8, unchecked.
  struct Text {
    std::string_view utf8;
  };
  /// bytes, bytearray, and the str of Python 2.
  struct Bytes {
    std::string_view bytes;
  };
  struct List {
    std::vector<const PickleValue*> items;
    bool tuple = false;
  };
  struct Dict {
    std::vector<std::pair<const PickleValue*, const PickleValue*>> items;  ///< in the order of the pickle
  };
  /// The type of an array's items, as in PickleArray::dtype.
  struct Dtype {
    std::string text;
  };

  std::variant<None, bool, std::int64_t, double, Text, Bytes, List, Dict, PickleArray, Dtype, PickleName> value;

  const List* list() const { return std::get_if<List>(&value); }
  const Dict* dict() const { return std::get_if<Dict>(&value); }
  const PickleArray* array() const { return std::get_if<PickleArray>(&value); }

  /// The characters of a text or of bytes: Python 2 wrote names as bytes.
  std::optional<std::string_view> text() const {
    if (const auto* t = std::get_if<Text>(&value)) return t->utf8;
    if (const auto* b = std::get_if<Bytes>(&value)) return b->bytes;
    return {};
  }
  /// A whole number or truth value.
  std::optional<Index> integer() const {
    if (const auto* i = std::get_if<std::int64_t>(&value)) return static_cast<Index>(*i);
    if (const auto* b = std::get_if<bool>(&value)) return *b ? 1 : 0;
    return {};
  }
  /// The value that a dict holds under a key of text or bytes (the last, where there are two); null when there is none,
  /// or this is no dict.
  const PickleValue* find(std::string_view key) const {
    const Dict* d = dict();
    if (d == nullptr) return nullptr;
    const auto last =
        std::find_if(d->items.rbegin(), d->items.rend(), [&](const auto& item) { return item.first->text() == key; });
    return last == d->items.rend() ? nullptr : last->second;
  }

  /// "a dict", "an array": for messages.
  std::string_view kind() const {
    constexpr std::string_view names[] = {"None",   "a truth value", "a whole number", "a number", "a text",    "bytes",
                                          "a list", "a dict",        "an array",       "a dtype",  "a function"};
    if (const List* l = list(); l != nullptr && l->tuple) return "a tuple";
    return names[value.index()];
  }
};

}  // namespace sseg

#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/pickle_value.hpp"

namespace sseg::detail {

/// What a dict of a pickle holds under `key`. Throws `Error` when there is none, or `value` is no dict.
inline const PickleValue& pickle_entry(const PickleValue& value, std::string_view key, const std::string& where) {
  const PickleValue* entry = value.find(key);
  if (entry == nullptr)
    throw Error("no entry '" + std::string(key) + "' in " + std::string(value.kind()), where,
                "Check that it is the right file.");
  return *entry;
}

/// The whole numbers of a list, a tuple, or an array of one axis. Throws `Error` when it is none of these.
inline std::vector<Index> pickle_integers(const PickleValue& value, const std::string& where) {
  std::vector<Index> out;
  const auto add = [&](std::optional<Index> n) {
    if (!n) throw Error("a list that should hold whole numbers holds another value", where, "Write the pickle again.");
    out.push_back(*n);
  };
  if (const auto* list = value.list()) {
    out.reserve(list->items.size());
    for (const PickleValue* item : list->items) add(item->integer());
  } else if (const auto* array = value.array(); array != nullptr && array->shape.size() == 1) {
    for (Index i = 0; i < array->count(); ++i) add(array->integer(i * array->stride[0]));
  } else {
    throw Error(std::string(value.kind()) + " where a list of whole numbers should be", where,
                "Check that it is the right file.");
  }
  return out;
}

/// The texts of a list. Throws `Error` when it is no list of texts.
inline std::vector<std::string> pickle_texts(const PickleValue& value, const std::string& where) {
  std::vector<std::string> out;
  const auto* list = value.list();
  if (list == nullptr)
    throw Error(std::string(value.kind()) + " where a list of names should be", where,
                "Check that it is the right file.");
  for (const PickleValue* item : list->items) {
    const auto text = item->text();
    if (!text) throw Error("a list of names holds " + std::string(item->kind()), where, "Write the pickle again.");
    out.emplace_back(*text);
  }
  return out;
}

}  // namespace sseg::detail

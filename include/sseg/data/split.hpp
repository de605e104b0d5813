#pragma once
#include <string>
#include <string_view>

#include "sseg/core/error.hpp"

namespace sseg {

/// The part of a few-shot data set: classes to train on, classes to choose settings by, classes for the last word.
/// No class is in two of them.
enum class Split { train, validation, test };

constexpr std::string_view to_string(Split split) {
  return split == Split::train ? "train" : split == Split::validation ? "validation" : "test";
}

/// The other way round. `where`: who named it. Throws: Error for a name that is none.
inline Split split_named(std::string_view name, const std::string& where) {
  for (const Split s : {Split::train, Split::validation, Split::test})
    if (name == to_string(s)) return s;
  throw Error("there is no split '" + std::string(name) + "'", where, "give train, validation or test");
}

}  // namespace sseg

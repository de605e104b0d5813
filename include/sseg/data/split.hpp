#pragma once
#include <string_view>

namespace sseg {

/// The part of a few-shot data set: classes to train on, classes to choose settings by, classes for the last word.
/// No class is in two of them.
enum class Split { train, validation, test };

constexpr std::string_view to_string(Split split) {
  return split == Split::train ? "train" : split == Split::validation ? "validation" : "test";
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sseg/core/shape.hpp"

namespace sseg {

namespace detail {

/// "A (3), B (4)": each name with its count; of more than `most` the first and the last.
inline std::string listed_counts(const std::vector<std::string>& names, const std::vector<Index>& counts, Index most) {
  std::string text;
  const auto n = static_cast<Index>(names.size());
  for (Index k = 0; k < n; ++k) {
    if (n > most && k == most - 1) {
      text += ", ...";
      k = n - 1;
    }
    text += (text.empty() ? "" : ", ") + names[to_size(k)] + " (" + std::to_string(counts[to_size(k)]) + ")";
  }
  return text;
}

/// "  classes   64, each of 600 images: apple (600), …", with the least and the most where they differ.
inline std::string described(std::string_view what, const std::vector<std::string>& names,
                             const std::vector<Index>& of_image) {
  constexpr Index most_listed = 6;
  if (names.empty() || of_image.empty()) return "";
  std::vector<Index> counts(names.size());
  for (const Index k : of_image) ++counts[to_size(k)];
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  std::string text = "  " + std::string(what) + std::string(10 - what.size(), ' ') + std::to_string(names.size()) +
                     ", each of " + std::to_string(*least);
  if (*most != *least) text += " to " + std::to_string(*most);
  return text + " images: " + listed_counts(names, counts, most_listed) + "\n";
}

}  // namespace detail

/// A few lines on a data set in memory: its name (which for benchmarks says the split), how many images of which shape
/// and in how many bytes, the classes and groups with the number of images of each, at most six of them by name.
template <class Set>
requires requires(const Set& s) {
  s.pixels.size();
  s.classes.size();
  s.groups.size();
}
std::string describe(const Set& set) {
  using Pixel = std::remove_cvref_t<decltype(*set.pixels.data())>;
  constexpr bool bytes = sizeof(Pixel) == 1;
  const Index megabytes = (set.pixels.size() * static_cast<Index>(sizeof(Pixel)) + (1 << 19)) >> 20;
  std::string text = (set.name.empty() ? std::string("unnamed") : set.name) + "\n  images    " +
                     std::to_string(set.size()) + " of " + to_string(set.shape) + ", " + (bytes ? "bytes" : "floats") +
                     ", " + std::to_string(megabytes) + " MiB\n";
  if (set.label.empty()) text += "  classes   none: unlabelled\n";
  return text + detail::described("classes", set.classes, set.label) +
         detail::described("groups", set.groups, set.group);
}

}  // namespace sseg

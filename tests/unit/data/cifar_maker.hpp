#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/rng.hpp"
#include "sseg/data/cifar_fs_split.hpp"

namespace sseg_test {

/// Names for `fine_label_names.txt`, in an order of its own: the test classes first.
inline std::vector<std::string> cifar_names() {
  std::vector<std::string> names;
  for (const auto split : {sseg::Split::test, sseg::Split::validation, sseg::Split::train})
    for (const std::string_view name : sseg::cifar_fs_split(split)) names.emplace_back(name);
  return names;
}

inline std::string lines_of(const std::vector<std::string>& names, std::string_view end = "\n") {
  std::string text;
  for (const auto& name : names) text.append(name).append(end);
  return text;
}

/// The byte of picture `number` of a fine label at row y, column x, channel c.
inline unsigned char cifar_byte(sseg::Index fine, sseg::Index number, sseg::Index y, sseg::Index x, sseg::Index c) {
  return static_cast<unsigned char>((fine * 7 + number * 3 + y * 5 + x * 11 + c * 101) % 256);
}

inline std::string cifar_record(sseg::Index fine, sseg::Index number, int coarse = 3) {
  std::string record{static_cast<char>(coarse), static_cast<char>(fine)};
  record.reserve(3074);
  for (sseg::Index c = 0; c < 3; ++c)
    for (sseg::Index y = 0; y < 32; ++y)
      for (sseg::Index x = 0; x < 32; ++x) record += static_cast<char>(cifar_byte(fine, number, y, x, c));
  return record;
}

/// Pictures `first` … `end`-1 of every fine label first_label … end_label-1, the labels taking turns.
inline std::string cifar_records(sseg::Index first_label, sseg::Index end_label, sseg::Index first, sseg::Index end) {
  std::string bytes;
  bytes.reserve(sseg::to_size((end_label - first_label) * (end - first) * 3074));
  for (sseg::Index number = first; number < end; ++number)
    for (sseg::Index fine = first_label; fine < end_label; ++fine) bytes += cifar_record(fine, number);
  return bytes;
}

}  // namespace sseg_test

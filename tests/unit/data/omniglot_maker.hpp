#pragma once
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#include "sseg/io/png.hpp"

namespace sseg_test {

/// File name -> bytes.
using Files = std::map<std::string, std::string>;

/// A white PNG of the given side with a black square of 3 x 3 whose first pixel is at (top, left).
inline std::string square_png(sseg::Index side, sseg::Index top, sseg::Index left) {
  sseg::Picture picture{side, side, 1, std::vector<std::uint8_t>(sseg::to_size(side * side), 255)};
  for (sseg::Index y = top; y < top + 3; ++y)
    for (sseg::Index x = left; x < left + 3; ++x) picture.bytes[sseg::to_size(y * side + x)] = 0;
  return sseg::encode_png(picture);
}

inline std::string two_digits(sseg::Index n) { return (n < 10 ? "0" : "") + std::to_string(n); }

/// Adds a character of 20 drawings, numbered `number`; drawing d has its square at (number, 4 d).
inline void add_character(Files& files, const std::string& folder, sseg::Index number) {
  for (sseg::Index d = 1; d <= 20; ++d)
    files[folder + "/00" + two_digits(number) + "_" + two_digits(d) + ".png"] = square_png(105, number, 4 * d);
}

/// Three characters of two alphabets: Alpha (1, 2) and Beta (1).
inline Files small_omniglot(const std::string& prefix) {
  Files files;
  add_character(files, prefix + "Beta/character01", 30);
  add_character(files, prefix + "Alpha/character02", 20);
  add_character(files, prefix + "Alpha/character01", 10);
  return files;
}

/// A run in which test image i (from 1) shows what training image 21 - i shows: a square at (10, 4 i).
/// `named` precedes the paths in class_labels.txt.
inline Files one_run(const std::string& folder, const std::string& named) {
  Files files;
  std::string& rows = files[folder + "class_labels.txt"];
  for (sseg::Index i = 1; i <= 20; ++i) {
    files[folder + "training/class" + two_digits(i) + ".png"] = square_png(105, 10, 4 * i);
    files[folder + "test/item" + two_digits(i) + ".png"] = square_png(105, 10, 4 * (21 - i));
    rows += named + "test/item" + two_digits(i) + ".png " + named + "training/class" + two_digits(21 - i) + ".png\n";
  }
  return files;
}

}  // namespace sseg_test

#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/word_sum.hpp"

namespace sseg::detail {

/// The head of a picture cache. Numbers are unsigned, little-endian, of 8 bytes:
///   "SSEGPICS" · version · bytes of the head · pictures · H · W · C · classes · 1 if labelled · bytes of text ·
///   sum of pixels and labels · sum of the head without this number · text: the set's name and each class, each ended
///   by a zero · zeros up to the head's length, a multiple of 64.
/// Then the pixels (N, H, W, C), one byte each, and with labels N numbers.
struct PictureCacheHeader {
  static constexpr std::string_view magic = "SSEGPICS";
  static constexpr std::uint64_t version = 1;
  static constexpr std::size_t numbers = 12, fixed_bytes = 8 * numbers, most_text = std::size_t{1} << 28;

  Index pictures = 0;
  Shape shape{};
  bool labelled = false;
  std::uint64_t content_sum = 0;
  std::string name{};
  std::vector<std::string> classes{};

  static std::uint64_t number(std::string_view bytes, std::size_t place) {
    std::uint64_t value = 0;
    for (std::size_t k = 8; k-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[8 * place + k]);
    return value;
  }
  static void add_number(std::string& bytes, std::uint64_t value) {
    for (int k = 0; k < 8; ++k, value >>= 8) bytes += static_cast<char>(value & 255);
  }
  static std::uint64_t sum_of(std::string_view head) {
    WordSum sum;
    sum.add(head.substr(0, fixed_bytes - 8));
    sum.add(head.substr(fixed_bytes));
    return sum.value();
  }
  static std::size_t padded(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

  /// Throws `Error` for names that hold a zero or are too long together, and for more than `most_classes`.
  std::string write(const std::string& where) const {
    std::string text;
    if (classes.size() > most_classes)
      throw Error("too many classes for a picture cache", where, "Give at most a million.");
    const auto add = [&](const std::string& one) {
      if (one.find('\0') != one.npos || text.size() + one.size() >= most_text)
        throw Error("a name that a picture cache cannot hold", where, "Give shorter names, without a zero in them.");
      text.append(one).push_back('\0');
    };
    add(name);
    for (const auto& one : classes) add(one);
    const std::size_t bytes = padded(fixed_bytes + text.size());
    std::string head(magic);
    for (const std::uint64_t n :
         {version, std::uint64_t{bytes}, static_cast<std::uint64_t>(pictures), static_cast<std::uint64_t>(shape[0]),
          static_cast<std::uint64_t>(shape[1]), static_cast<std::uint64_t>(shape[2]), std::uint64_t{classes.size()},
          std::uint64_t{labelled}, std::uint64_t{text.size()}, content_sum})
      add_number(head, n);
    std::string rest = text;
    rest.resize(bytes - fixed_bytes);
    std::string sum;
    add_number(sum, sum_of(head + std::string(8, '\0') + rest));
    return head + sum + rest;
  }

  Index head_bytes() const {
    std::size_t text = name.size() + 1;
    for (const auto& one : classes) text += one.size() + 1;
    return static_cast<Index>(padded(fixed_bytes + text));
  }
  Index pixel_bytes() const { return pictures * shape.count(); }
  Index file_bytes() const { return head_bytes() + pixel_bytes() + (labelled ? 8 * pictures : 0); }

  /// The head of a whole cache. Throws `Error` unless it is one, undamaged, and the file as long as it tells.
  static PictureCacheHeader read(std::string_view file, const std::string& where) {
    const auto refuse = [&](const std::string& why) {
      return Error("not a picture cache that can be read: " + why, where, "Build the cache again.");
    };
    if (!file.starts_with(magic)) throw refuse("it does not begin with '" + std::string(magic) + "'");
    if (file.size() < fixed_bytes) throw refuse("truncated");
    if (number(file, 1) != version)
      throw refuse("version " + std::to_string(number(file, 1)) + ", this program reads " + std::to_string(version));
    const std::uint64_t head = number(file, 2), text = number(file, 9);
    if (text > most_text || head != padded(fixed_bytes + text) || head > file.size())
      throw refuse("truncated or damaged");
    if (number(file, 11) != sum_of(file.substr(0, head))) throw refuse("its head is damaged");
    PictureCacheHeader h;
    h.labelled = number(file, 8) != 0;
    h.content_sum = number(file, 10);
    h.read_sizes(file, refuse);
    h.read_names(file.substr(fixed_bytes, text), number(file, 7), refuse);
    if (h.file_bytes() != static_cast<Index>(file.size()))
      throw refuse(std::to_string(file.size()) + " bytes, its head tells of " + std::to_string(h.file_bytes()));
    return h;
  }

 private:
  static constexpr std::size_t most_classes = 1 << 20;

  template <class Refuse>
  void read_sizes(std::string_view file, const Refuse& refuse) {
    constexpr std::uint64_t most_pictures = std::uint64_t{1} << 40;
    for (std::size_t k = 4; k < 7; ++k)
      if (number(file, k) < 1 || number(file, k) > 65536) throw refuse("a side of " + std::to_string(number(file, k)));
    shape = {static_cast<Index>(number(file, 4)), static_cast<Index>(number(file, 5)),
             static_cast<Index>(number(file, 6))};
    // Without a picture nothing would bind the sides to the file's size, and a reader takes memory for one picture.
    if (number(file, 3) == 0) throw refuse("it holds no pictures");
    // Products stay far below 2^63: at most the file's own size in pixels, and 8 bytes a label.
    if (number(file, 3) > most_pictures || number(file, 3) > file.size() / to_size(shape.count()))
      throw refuse("more pictures than the file has bytes for");
    pictures = static_cast<Index>(number(file, 3));
  }
  template <class Refuse>
  void read_names(std::string_view text, std::uint64_t count, const Refuse& refuse) {
    const auto ends = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\0'));
    if (count > most_classes || ends != count + 1) throw refuse("its names are not as many as its classes");
    std::vector<std::string> names;
    while (!text.empty()) {
      const auto end = text.find('\0');
      if (end == text.npos) throw refuse("a name without end");
      names.emplace_back(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
    name = std::move(names.front());
    names.erase(names.begin());
    classes = std::move(names);
  }
};

}  // namespace sseg::detail

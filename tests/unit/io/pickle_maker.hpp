#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/shape.hpp"

namespace sseg_test {

/// Opcodes of pickles as Python 2 wrote them with protocol 2: every str is a BINSTRING of bytes. Texts compose:
/// `py_pickle(py_dict({{py_str("labels"), py_ints({1, 2})}}))`.
inline std::string py_length(std::size_t n) {
  std::string bytes;
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(static_cast<unsigned char>(n >> shift));
  return bytes;
}
inline std::string py_str(const std::string& bytes) { return "T" + py_length(bytes.size()) + bytes; }
inline std::string py_int(std::int32_t n) { return "J" + py_length(static_cast<std::uint32_t>(n)); }
inline std::string py_list(const std::vector<std::string>& items) {
  std::string text = "](";
  for (const auto& item : items) text += item;
  return text + "e";
}
inline std::string py_ints(const std::vector<sseg::Index>& numbers) {
  std::vector<std::string> items;
  for (const auto n : numbers) items.push_back(py_int(static_cast<std::int32_t>(n)));
  return py_list(items);
}
inline std::string py_tuple(const std::vector<std::string>& items) {
  std::string text = "(";
  for (const auto& item : items) text += item;
  return text + "t";
}
inline std::string py_dict(const std::vector<std::pair<std::string, std::string>>& items) {
  std::string text = "}(";
  for (const auto& [key, value] : items) text += key + value;
  return text + "u";
}
/// A numpy array of whole numbers or the like, whose bytes are the value that is given; `dtype` as in "u1", little
/// endian.
inline std::string py_array_of(const std::vector<sseg::Index>& shape, const std::string& bytes,
                               const std::string& dtype = "u1") {
  std::vector<std::string> axes;
  for (const auto n : shape) axes.push_back(py_int(static_cast<std::int32_t>(n)));
  const std::string type = "cnumpy\ndtype\n" + py_tuple({py_str(dtype), py_int(0), py_int(1)}) + "R" +
                           py_tuple({py_int(3), py_str("<"), "N", "N", "N", py_int(-1), py_int(-1), py_int(0)}) + "b";
  return "cnumpy.core.multiarray\n_reconstruct\n" +
         py_tuple({"cnumpy\nndarray\n", py_tuple({py_int(0)}), py_str("b")}) + "R" +
         py_tuple({py_int(1), py_tuple(axes), type, "\x89", bytes}) + "b";
}
/// The same with bytes as Python 2 wrote them.
inline std::string py_array(const std::vector<sseg::Index>& shape, const std::string& bytes,
                            const std::string& dtype = "u1") {
  return py_array_of(shape, py_str(bytes), dtype);
}
/// Bytes as Python 3 writes them with protocol 2: a Latin-1 text to be encoded.
inline std::string py_encoded(const std::string& bytes) {
  std::string utf8;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(static_cast<unsigned char>(0xC0U | byte >> 6U));
      utf8 += static_cast<char>(static_cast<unsigned char>(0x80U | (byte & 0x3FU)));
    }
  }
  return "c_codecs\nencode\n(X" + py_length(utf8.size()) + utf8 + "X\x06" + std::string(3, '\0') + "latin1tR";
}
inline std::string py_pickle(const std::string& value) { return "\x80\x02" + value + "."; }

}  // namespace sseg_test

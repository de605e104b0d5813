#pragma once
#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sseg/core/buffer.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// One tensor of a safetensors file, of any rank: its element type by the format's name ("F32", "U8", "I64" …), its
/// extents, and its elements, row-major, little-endian.
struct SafeTensor {
  std::string dtype;
  std::vector<Index> shape;
  Buffer<std::uint8_t> bytes;
};

namespace detail {

struct SafeTensorType {
  std::string_view name;
  Index bytes;
};

/// The element types of the format.
inline constexpr std::array<SafeTensorType, 15> safetensor_types{{{"F64", 8},
                                                                  {"I64", 8},
                                                                  {"U64", 8},
                                                                  {"F32", 4},
                                                                  {"I32", 4},
                                                                  {"U32", 4},
                                                                  {"F16", 2},
                                                                  {"BF16", 2},
                                                                  {"I16", 2},
                                                                  {"U16", 2},
                                                                  {"F8_E4M3", 1},
                                                                  {"F8_E5M2", 1},
                                                                  {"I8", 1},
                                                                  {"U8", 1},
                                                                  {"BOOL", 1}}};

/// Bytes of one element, or 0 for an unknown type.
constexpr Index safetensor_element_bytes(std::string_view dtype) {
  for (const auto& type : safetensor_types)
    if (type.name == dtype) return type.bytes;
  return 0;
}

/// The format's name of a C++ element type, or "" when it has none. No bool: bytes of unknown origin make no safe bool.
template <class T>
constexpr std::string_view safetensor_type_name() {
  if constexpr (std::floating_point<T>) return sizeof(T) == 8 ? "F64" : sizeof(T) == 4 ? "F32" : "";
  if constexpr (std::integral<T> && !std::is_same_v<T, bool>) {
    constexpr std::array<std::string_view, 9> is_signed{"", "I8", "I16", "", "I32", "", "", "", "I64"};
    constexpr std::array<std::string_view, 9> is_unsigned{"", "U8", "U16", "", "U32", "", "", "", "U64"};
    return std::is_signed_v<T> ? is_signed[sizeof(T)] : is_unsigned[sizeof(T)];
  }
  return "";
}

/// Number of bytes of a tensor, or -1 when an extent is negative or the product does not fit.
constexpr Index safetensor_byte_count(const std::vector<Index>& shape, Index element_bytes) {
  bool empty = false;
  for (const Index extent : shape) {
    if (extent < 0) return -1;
    empty = empty || extent == 0;
  }
  if (empty) return 0;
  Index count = element_bytes;
  for (const Index extent : shape) {
    if (count > PTRDIFF_MAX / extent) return -1;
    count *= extent;
  }
  return count;
}

inline std::string safetensor_shape_text(const std::vector<Index>& shape) {
  std::string text = "(";
  for (const Index extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + ")";
}

}  // namespace detail

}  // namespace sseg

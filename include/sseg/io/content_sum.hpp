#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sseg/io/safetensors.hpp"
#include "sseg/io/word_sum.hpp"

namespace sseg {

/// 16 hexadecimal digits that stand for all that a file holds, names, shapes and element types too, but for the
/// metadata entry `apart`, where the sum itself may be kept.
inline std::string content_sum(const SafeTensors& file, std::string_view apart) {
  detail::WordSum sum;
  for (const auto& [key, text] : file.metadata) {
    if (key == apart) continue;
    sum.add(key);
    sum.add(text);
  }
  for (const auto& [name, tensor] : file.tensors()) {
    sum.add(name);
    sum.add(tensor.dtype);
    sum.add(tensor.shape.size());
    for (const Index extent : tensor.shape) sum.add(static_cast<std::uint64_t>(extent));
    sum.add(std::span(tensor.bytes.data(), to_size(tensor.bytes.size())));
  }
  return sum.hex();
}

}  // namespace sseg

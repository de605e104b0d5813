// expect: sseg::SafeTensors: tensors hold float, double or integers of 8 to 64 bits
#include <array>
#include <cstdint>

#include "sseg/io/safetensors.hpp"

#ifdef SSEG_CONTROL
using Element = std::uint8_t;
#else
using Element = bool;
#endif

int main() {
  const std::array<Element, 2> mask{};
  sseg::SafeTensors file;
  file.put("mask", {2}, std::span<const Element>(mask));
}

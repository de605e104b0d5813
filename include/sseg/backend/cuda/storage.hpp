#pragma once
#include <cstdint>
#include <string_view>

namespace sseg::cuda {

/// Type of the values in images and weights as the device keeps them. Sums and products are float in every case.
enum class Storage : std::uint8_t { f32, f16, bf16 };

constexpr std::string_view to_string(Storage s) {
  constexpr std::string_view names[]{"f32", "f16", "bf16"};
  return names[static_cast<int>(s)];
}
constexpr int bytes_of(Storage s) { return s == Storage::f32 ? 4 : 2; }

}  // namespace sseg::cuda

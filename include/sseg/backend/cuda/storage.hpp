#pragma once
#include <cstdint>
#include <string_view>

namespace sseg::cuda {

/// Type of the values in images and weights as the device keeps them. Sums and products are float in every case.
enum class Storage : std::uint8_t { f32, f16, bf16 };

/// How gradients are kept in the range of f16.
enum class GradientScaling : std::uint8_t {
  each_tensor,  ///< in every convolution, by a power of two made from their largest value: a pass, and no step is lost
  whole_loss    ///< by one factor on the loss (LossScale): no pass, and a step whose gradients overflow is skipped
};

constexpr std::string_view to_string(Storage s) {
  constexpr std::string_view names[]{"f32", "f16", "bf16"};
  return names[static_cast<int>(s)];
}
constexpr int bytes_of(Storage s) { return s == Storage::f32 ? 4 : 2; }

}  // namespace sseg::cuda

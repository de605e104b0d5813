#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "cuda_host_device.hpp"

namespace cuda_half_test {

// Values of 16 bits on a GPU, by the kernels' twins.

using namespace sseg;
using namespace oracle;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// What all 65,536 numbers stand for, by the definition of the format.
std::vector<double> all_numbers(int exponent_bits, int mantissa_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1, largest = (1 << exponent_bits) - 1;
  std::vector<double> all;
  for (int bits = 0; bits < 1 << 16; ++bits) {
    const int mantissa = bits & ((1 << mantissa_bits) - 1), exponent = bits >> mantissa_bits & largest;
    double v = std::ldexp(exponent > 0 ? mantissa + (1 << mantissa_bits) : mantissa,
                          (exponent > 0 ? exponent : 1) - bias - mantissa_bits);
    if (exponent == largest) v = mantissa == 0 ? std::numeric_limits<double>::infinity() : std::nan("");
    all.push_back(bits >> 15 != 0 ? -v : v);
  }
  return all;
}

std::vector<std::uint16_t> narrowed(int bf16, const std::vector<float>& x, const float* scale = nullptr) {
  std::vector<std::uint16_t> y(x.size());
  cuda::run_on_host<cuda::kernel::narrow>(3, bf16, x.data(), scale, y.data(), static_cast<long long>(x.size()));
  return y;
}
std::vector<float> widened(int bf16, const std::vector<std::uint16_t>& x) {
  std::vector<float> y(x.size());
  cuda::run_on_host<cuda::kernel::widen>(3, bf16, x.data(), nullptr, nullptr, y.data(),
                                         static_cast<long long>(x.size()), 1);
  return y;
}

}  // namespace

TEST_CASE("Every number of 16 bits is read as its format says, and written back as it was") {
  for (const int bf16 : {0, 1}) {
    const auto want = bf16 != 0 ? all_numbers(8, 7) : all_numbers(5, 10);
    std::vector<std::uint16_t> bits(1 << 16);
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<std::uint16_t>(i);
    const auto got = widened(bf16, bits);
    const auto back = narrowed(bf16, got);
    Index wrong = 0;
    for (std::size_t i = 0; i < bits.size(); ++i)
      if (std::isnan(want[i]))
        wrong += !std::isnan(got[i]) || !std::isnan(widened(bf16, {back[i]})[0]);
      else
        wrong += static_cast<double>(got[i]) != want[i] || back[i] != bits[i];
    CHECK(wrong == 0);
  }
}

TEST_CASE("Floats are rounded to the nearest number of 16 bits, ties to the even one") {
  for (const int bf16 : {0, 1}) {
    const auto all = bf16 != 0 ? all_numbers(8, 7) : all_numbers(5, 10);
    const int last = bf16 != 0 ? 0x7f7f : 0x7bff;  // the largest that is finite
    std::vector<float> between;
    std::vector<std::uint16_t> want;
    for (int i = 0; i < last; i += 7) {
      const double low = all[to_size(i)], high = all[to_size(i) + 1];
      const auto even = static_cast<std::uint16_t>(i + i % 2), down = static_cast<std::uint16_t>(i),
                 up = static_cast<std::uint16_t>(i + 1);
      between.push_back(static_cast<float>((low + high) / 2));
      want.push_back(even);
      if (bf16 != 0 && i < 0x80) continue;  // floats are too few there
      between.push_back(static_cast<float>(low + (high - low) * 0.375));
      want.push_back(down);
      between.push_back(-static_cast<float>(low + (high - low) * 0.625));
      want.push_back(static_cast<std::uint16_t>(up | 0x8000));
    }
    CHECK(narrowed(bf16, between) == want);
  }
  CHECK(narrowed(0, {65519.f, 65520.f, 1e9f, infinity, -1e9f}) ==
        std::vector<std::uint16_t>{0x7bff, 0x7c00, 0x7c00, 0x7c00, 0xfc00});
}

TEST_CASE("A bias is added to what is read") {
  const auto bias = random(5, 1);
  const std::vector<float> x{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const auto h = narrowed(0, x);
  std::vector<float> y(10);
  cuda::run_on_host<cuda::kernel::widen>(1, 0, h.data(), bias.data(), nullptr, y.data(), 2, 5);
  for (std::size_t i = 0; i < 10; ++i) CHECK(y[i] == x[i] + bias[i % 5]);
}

TEST_CASE("Small gradients are scaled into the range of f16 by a power of two, and back") {
  for (const float size : {1e-30f, 1e-9f, 1e-3f, 1.f, 20.f, 1e6f, 1e30f}) {
    INFO("largest " << size);
    auto x = random(9000, 1, -1, 1);
    for (float& v : x) v *= size;
    x[4321] = -size;
    std::vector<float> partial(3), scale(2);
    cuda::run_on_host<cuda::kernel::largest>(2, x.data(), partial.data(), 9000, 4096);
    cuda::run_on_host<cuda::kernel::scale_of_largest>(1, partial.data(), scale.data(), 3);
    CHECK((scale[0] * size >= 16 && scale[0] * size < 32));
    CHECK(scale[0] * scale[1] == 1);
    CHECK(std::log2(scale[0]) == std::round(std::log2(scale[0])));
    const auto h = narrowed(0, x, scale.data());
    std::vector<float> back(x.size());
    cuda::run_on_host<cuda::kernel::widen>(2, 0, h.data(), nullptr, scale.data(), back.data(), 9000, 1);
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
      worst = std::max(worst, std::abs(static_cast<double>(back[i]) - static_cast<double>(x[i])));
    CHECK(worst <= static_cast<double>(size) / 2048);
  }
  for (const float none : {0.f, infinity}) {
    std::vector<float> partial{none}, scale(2);
    cuda::run_on_host<cuda::kernel::scale_of_largest>(1, partial.data(), scale.data(), 1);
    CHECK((scale[0] == 1 && scale[1] == 1));
  }
}

}  // namespace cuda_half_test

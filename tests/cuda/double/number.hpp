#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

/// Numbers of 16 bits, and TF32, as float and back: rounded to nearest, ties to even.
namespace cuda_double {

/// Rounds away the lowest `bits` of a float's mantissa.
inline float round_mantissa(float v, int bits) {
  if (!std::isfinite(v)) return v;
  const auto u = std::bit_cast<std::uint32_t>(v);
  const std::uint32_t half = (1u << (bits - 1)) - 1 + (u >> bits & 1u);
  return std::bit_cast<float>((u + half) >> bits << bits);
}
inline float to_tf32(float v) { return round_mantissa(v, 13); }

inline float from_bf16(std::uint16_t v) { return std::bit_cast<float>(static_cast<std::uint32_t>(v) << 16); }
inline std::uint16_t to_bf16(float v) {
  if (std::isnan(v)) return 0x7fff;
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(round_mantissa(v, 16)) >> 16);
}

inline float from_f16(std::uint16_t v) {
  const float sign = v & 0x8000u ? -1.f : 1.f;
  const int exponent = v >> 10 & 31, mantissa = v & 1023;
  if (exponent == 31) return mantissa != 0 ? std::nanf("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
  return sign * std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
}
inline std::uint16_t to_f16(float v) {
  if (std::isnan(v)) return 0x7fff;
  const std::uint16_t sign = std::signbit(v) ? 0x8000u : 0u;
  const float size = std::abs(v);
  if (size >= 65520.f) return static_cast<std::uint16_t>(sign | 0x7c00u);  // rounds up to infinity
  if (size < 0x1p-14f)
    return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(std::nearbyint(size * 0x1p24f)));
  const std::uint32_t u = std::bit_cast<std::uint32_t>(round_mantissa(size, 13));
  return static_cast<std::uint16_t>(sign | ((u >> 13) - (112u << 10)));
}

}  // namespace cuda_double

#pragma once
#include <algorithm>
#include <cstdint>

#include "sseg/core/rng.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// The finaliser of MurmurHash3 (Appleby 2011): every bit of the result depends on every bit of `h`.
constexpr std::uint32_t mix_bits(std::uint32_t h) {
  h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
  h = (h ^ (h >> 13)) * 0xC2B2AE35u;
  return h ^ (h >> 16);
}

/// x[i] ← x[i] + deviation·z_i, held in [0, 1]. z is nearly normal, with mean 0 and variance 1: the sum of the four
/// bytes of a random number (Irwin-Hall; no value beyond 3.46). A pure function of `rng`'s name.
inline void add_noise(const Rng& rng, float deviation, Index count, float* x) {
  constexpr float mean = 4 * 127.5f, spread = 147.80054f;  // √(4·(256² - 1)/12)
  const auto low = static_cast<std::uint32_t>(rng.key()), high = static_cast<std::uint32_t>(rng.key() >> 32);
  const float scale = deviation / spread;
  for (Index i = 0; i < count; ++i) {
    const std::uint32_t w = mix_bits(mix_bits(static_cast<std::uint32_t>(i) + low) ^ high);
    const std::uint32_t pairs = (w & 0x00FF00FFu) + ((w >> 8) & 0x00FF00FFu);
    const auto sum = static_cast<std::int32_t>((pairs & 0xFFFFu) + (pairs >> 16));
    const float v = x[i] + scale * (static_cast<float>(sum) - mean);
    x[i] = std::min(std::max(v, 0.f), 1.f);
  }
}

}  // namespace sseg

#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <string_view>
#include <utility>

#include "sseg/core/shape.hpp"

namespace sseg {

/// FNV-1a, 64 bits: turns a name into a stream number. Stable across compilers and machines.
constexpr std::uint64_t hash_name(std::string_view name) {
  std::uint64_t h = 14695981039346656037ull;
  for (const char ch : name) h = (h ^ static_cast<unsigned char>(ch)) * 1099511628211ull;
  return h;
}

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): ten keyed rounds on a
/// counter.
constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = 0xD2511F53ull * counter[0];
    const std::uint64_t p1 = 0xCD9E8D57ull * counter[2];
    counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
               static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// A random stream named by numbers, not by history: `Rng(seed).split(step).split(image)` gives the same draws whatever
/// was drawn elsewhere, so work can be cut over any number of threads and resumed anywhere. Distributions are written
/// here because the standard's differ between libraries.
class Rng {
 public:
  explicit constexpr Rng(std::uint64_t seed = 0) : key_(seed) {}

  /// The stream's name: Rng(key()) is the same stream from its beginning.
  constexpr std::uint64_t key() const { return key_; }

  /// An independent stream, a pure function of this stream's name and `tag` (not of what was drawn before).
  constexpr Rng split(std::uint64_t tag) const {
    const auto a = philox4x32(words(tag, 0x5353454753504c54ull), words(key_));
    return Rng((std::uint64_t{a[1]} << 32) | a[0]);
  }
  constexpr Rng split(std::string_view tag) const { return split(hash_name(tag)); }

  constexpr std::uint32_t next_u32() {
    if (used_ == 4) {
      block_ = philox4x32(words(counter_++, 0), words(key_));
      used_ = 0;
    }
    return block_[used_++];
  }

  /// Uniform on [0, 1): 24 bits, every value exact in float.
  constexpr float uniform() { return static_cast<float>(next_u32() >> 8) * 0x1p-24f; }
  constexpr float uniform(float low, float high) { return low + (high - low) * uniform(); }
  constexpr bool chance(float probability) { return uniform() < probability; }

  /// Uniform on 0 … n-1 without bias (Lemire 2019). Requires: 0 < n < 2^32.
  constexpr Index below(Index n) {
    const auto range = static_cast<std::uint32_t>(n);
    const std::uint32_t threshold = (0u - range) % range;
    for (;;) {
      const std::uint64_t product = std::uint64_t{next_u32()} * range;
      if (static_cast<std::uint32_t>(product) >= threshold) return static_cast<Index>(product >> 32);
    }
  }

  /// Standard normal (Box-Muller, in double, rounded once).
  float normal() {
    const double u = (static_cast<double>(next_u32()) + 1.0) * 0x1p-32;  // (0, 1]
    const double v = static_cast<double>(next_u32()) * 0x1p-32;
    return static_cast<float>(std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v));
  }

  /// Fisher-Yates.
  template <class T>
  constexpr void shuffle(std::span<T> items) {
    for (Index i = static_cast<Index>(items.size()) - 1; i > 0; --i)
      std::swap(items[to_size(i)], items[to_size(below(i + 1))]);
  }

 private:
  static constexpr std::array<std::uint32_t, 2> words(std::uint64_t a) {
    return {static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(a >> 32)};
  }
  static constexpr std::array<std::uint32_t, 4> words(std::uint64_t a, std::uint64_t b) {
    return {words(a)[0], words(a)[1], words(b)[0], words(b)[1]};
  }

  std::uint64_t key_;
  std::uint64_t counter_ = 0;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace sseg::detail {

/// A 64-bit sum of words, s ← f((s ⊕ w)·p), f(x) = x ⊕ (x >> 32). Every step is one-to-one in s and in w, so a change
/// within one word always changes the sum. Against accidents, not against malice.
class WordSum {
 public:
  void add(std::uint64_t word) {
    sum_ = (sum_ ^ word) * 0x100000001b3ull;  // FNV's prime
    sum_ ^= sum_ >> 32;
  }
  /// The length, then the bytes, eight a word.
  void add(std::span<const std::uint8_t> bytes) {
    add(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + i, std::min<std::size_t>(8, bytes.size() - i));
      add(word);
    }
  }
  void add(std::string_view text) { add(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())); }
  std::uint64_t value() const { return sum_; }
  std::string hex() const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) text += digits[(sum_ >> shift) & 15];
    return text;
  }

 private:
  std::uint64_t sum_ = 0xcbf29ce484222325ull;
};

}  // namespace sseg::detail

#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>

namespace sseg {

/// Signed size type of the whole library.
using Index = std::ptrdiff_t;

/// Converts a non-negative Index for use with the standard library.
constexpr std::size_t to_size(Index i) { return static_cast<std::size_t>(i); }

/// Extents of a tensor, outermost first; images are (N, H, W, C). A literal type: one code checks shapes at compile
/// time and at run time.
struct Shape {
  static constexpr int max_rank = 5;
  std::array<Index, max_rank> extent{};
  int rank = 0;

  constexpr Shape() = default;
  /// Requires: at most `max_rank` extents.
  constexpr Shape(std::initializer_list<Index> e) : rank(static_cast<int>(e.size())) {
    std::copy(e.begin(), e.end(), extent.begin());
  }

  constexpr Index operator[](int i) const { return extent[static_cast<std::size_t>(i)]; }

  /// Number of elements; 1 for rank 0.
  constexpr Index count() const {
    Index n = 1;
    for (int i = 0; i < rank; ++i) n *= (*this)[i];
    return n;
  }

  /// The same shape with another outermost extent (another batch size).
  constexpr Shape with_batch(Index n) const {
    Shape s = *this;
    s.extent[0] = n;
    return s;
  }

  constexpr bool operator==(const Shape&) const = default;
};

/// "(32, 28, 28, 1)"
inline std::string to_string(const Shape& s) {
  std::string text = "(";
  for (int i = 0; i < s.rank; ++i) text += (i ? ", " : "") + std::to_string(s[i]);
  return text + ")";
}

}  // namespace sseg

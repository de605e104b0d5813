#pragma once
#include <cstdint>

#include "sseg/core/buffer.hpp"

namespace sseg {

/// The two complementary paths through a net: the important weights and the rest.
enum class Path : std::uint8_t { positive = 1, negative = 2 };

/// For every element of a store's `value`, the set of paths that use it. A masked element belongs to one of the two, so
/// that M− = 1 − M+ and W = W⊙M+ + W⊙M− hold by construction; what is never masked belongs to both.
struct Masks {
  static constexpr std::uint8_t both = 3;
  Buffer<std::uint8_t> paths;

  bool on(Path p, Index i) const { return (paths[i] & static_cast<std::uint8_t>(p)) != 0; }
  bool masked(Index i) const { return paths[i] != both; }
  void put(Index i, bool keep) { paths[i] = static_cast<std::uint8_t>(keep ? Path::positive : Path::negative); }
  bool operator==(const Masks& other) const { return paths == other.paths; }
};

}  // namespace sseg

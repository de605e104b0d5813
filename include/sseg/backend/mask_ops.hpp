#pragma once
#include <cstdint>

#include "sseg/core/shape.hpp"

/// The operations of ops.hpp for paths through a net: element i is on a path where mask[i] has one of the bits in
/// `bit`. Masks lie where tensors do.
namespace sseg {

/// y = x on the path, 0 off it.
template <class T>
struct MaskedCopy {
  Index count;
  const std::uint8_t* mask;
  std::uint8_t bit;
  const T* x;
  T* y;
};

/// y += alpha·x on the path.
template <class T>
struct MaskedAdd {
  Index count;
  const std::uint8_t* mask;
  std::uint8_t bit;
  T alpha;
  const T* x;
  T* y;
};

/// What makes a weight of gradient g and value w important in ImportanceAverage: |g|, (g·w)² or |w|.
enum class ImportanceScore { gradient, taylor, magnitude };

/// average = keep·average + (1 − keep)·score(g, w).
template <class T>
struct ImportanceAverage {
  Index count;
  ImportanceScore score;
  T keep;
  const T* g;
  const T* w;
  T* average;
};

/// y = x off the path.
template <class T>
struct MaskedRefill {
  Index count;
  const std::uint8_t* mask;
  std::uint8_t bit;
  const T* x;
  T* y;
};

}  // namespace sseg

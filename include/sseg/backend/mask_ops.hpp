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

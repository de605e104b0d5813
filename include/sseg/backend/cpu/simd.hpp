#pragma once
#include <cstdint>
#include <type_traits>
#include <utility>

#include "sseg/core/shape.hpp"

/// Compiler vector types. Vectors stay inside functions and cross them only by reference: passing them by value has a
/// different ABI with and without AVX.
namespace sseg::cpu {

#define SSEG_INLINE __attribute__((always_inline))
/// Before a loop of fixed length: written out, so that arrays it indexes live in registers. (A fold over a pack does
/// the same but takes four times as long to compile.)
#define SSEG_UNROLL _Pragma("GCC unroll 16")

template <int Lanes>
struct VecTypes {
  typedef float Value __attribute__((vector_size(Lanes * sizeof(float))));
  typedef std::uint32_t Bits __attribute__((vector_size(Lanes * sizeof(float))));
};
template <>
struct VecTypes<1> {
  using Value = float;
  using Bits = std::uint32_t;
};

/// `Lanes` floats; `Vec<1>` is float itself, so that one kernel serves whole vectors and the scalar rest.
template <int Lanes>
using Vec = typename VecTypes<Lanes>::Value;

/// A vector at any address of floats. (The alignment is a property of this struct and not of a vector type: clang drops
/// a type's attributes in templates.)
template <int Lanes>
struct __attribute__((packed, aligned(4), may_alias)) InMemory {
  Vec<Lanes> v;
};

/// The `Lanes` floats at `p`: at<Lanes>(p).v is loaded from or stored to.
template <int Lanes>
SSEG_INLINE inline const InMemory<Lanes>& at(const float* p) {
  return *reinterpret_cast<const InMemory<Lanes>*>(p);
}
template <int Lanes>
SSEG_INLINE inline InMemory<Lanes>& at(float* p) {
  return *reinterpret_cast<InMemory<Lanes>*>(p);
}

template <int N>
using Constant = std::integral_constant<int, N>;

/// Cuts 0 … count-1 into runs of `Lanes`, then 4 and 1: f.operator()<lanes>(first).
template <int Lanes, class F>
SSEG_INLINE inline void over_lanes(Index count, F&& f, Index first = 0) {
  for (; first + Lanes <= count; first += Lanes) f.template operator()<Lanes>(first);
  if constexpr (Lanes > 1) over_lanes<(Lanes > 4 ? 4 : 1)>(count, f, first);
}

/// Sum of the lanes, in a fixed order.
template <int Lanes>
SSEG_INLINE inline float sum_lanes(const Vec<Lanes>& v) {
  if constexpr (Lanes == 1) {
    return v;
  } else {
    float sum = 0;
    for (int i = 0; i < Lanes; ++i) sum += v[i];
    return sum;
  }
}

/// The bits of a vector of floats, and back; a function could not return them (see above).
#define SSEG_BITS(lanes, v) __builtin_bit_cast(typename ::sseg::cpu::VecTypes<lanes>::Bits, v)
#define SSEG_FLOATS(lanes, b) __builtin_bit_cast(::sseg::cpu::Vec<lanes>, b)

}  // namespace sseg::cpu

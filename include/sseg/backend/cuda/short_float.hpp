#pragma once
#include <type_traits>

#include "sseg/backend/cuda/storage.hpp"

namespace sseg::cuda {

/// A number of 16 bits as it lies in memory. It is computed with as a float, and rounded to nearest, ties to even,
/// where it is assigned one. On the host both are defined by host_block.hpp, for tests.
template <Storage S>
requires(S != Storage::f32) struct ShortFloat {
  unsigned short bits;

  operator float() const;  // NOLINT(google-explicit-constructor): it is one
  ShortFloat& operator=(float value);
};
using F16 = ShortFloat<Storage::f16>;
using Bf16 = ShortFloat<Storage::bf16>;

/// Types that values in maps may have.
template <class V>
concept MapValue = std::is_same_v<V, float> || std::is_same_v<V, Bf16> || std::is_same_v<V, F16>;

/// How values of type V are stored.
template <class V>
inline constexpr Storage storage_of = std::is_same_v<V, Bf16>  ? Storage::bf16
                                      : std::is_same_v<V, F16> ? Storage::f16
                                                               : Storage::f32;

}  // namespace sseg::cuda

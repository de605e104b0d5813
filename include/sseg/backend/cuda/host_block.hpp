#pragma once
#include <bit>
#include <cmath>

#include "sseg/backend/cuda/kernel_source.hpp"
#include "sseg/backend/cuda/short_float.hpp"
#include "sseg/core/shape.hpp"

namespace sseg::cuda {

/// Runs kernels on the host, one block of a grid at a time: the same source, its threads one after another between two
/// barriers. For tests, and for a double of the device; no CUDA is needed.
struct HostBlock {
  long long index = 0;   ///< of this block
  long long blocks = 1;  ///< of the grid

// NOLINTBEGIN(bugprone-macro-parentheses): arguments are names.
#define SSEG_EACH(i, count)                                          \
  for (long long sseg_lane = 0; sseg_lane < SSEG_BLOCK; ++sseg_lane) \
    for (long long i = index * SSEG_BLOCK + sseg_lane; i < (count); i += blocks * SSEG_BLOCK)
#define SSEG_LANES(t) for (int t = 0; t < SSEG_BLOCK; ++t)
// NOLINTEND(bugprone-macro-parentheses)
#include "sseg/backend/cuda/kernels/on_host.inc"
};

template <Storage S>
requires(S != Storage::f32) inline ShortFloat<S>::operator float() const {
  return S == Storage::bf16 ? HostBlock::from_bf16(bits) : HostBlock::from_f16(bits);
}
template <Storage S>
requires(S != Storage::f32) inline ShortFloat<S>& ShortFloat<S>::operator=(float value) {
  bits = S == Storage::bf16 ? HostBlock::to_bf16(value) : HostBlock::to_f16(value);
  return *this;
}

}  // namespace sseg::cuda

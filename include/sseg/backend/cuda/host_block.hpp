#pragma once
#include <cmath>

#include "sseg/backend/cuda/kernel_source.hpp"
#include "sseg/core/shape.hpp"

namespace sseg::cuda {

/// Runs kernels on the host, one block of a grid at a time: the same source, its threads one after another between two
/// barriers. For tests, and for a double of the device; no CUDA is needed.
struct HostBlock {
  long long index = 0;   ///< of this block
  long long blocks = 1;  ///< of the grid

// NOLINTBEGIN(bugprone-macro-parentheses): arguments are names, types and lists of parameters.
#define SSEG_BLOCK threads_of_block
#define SSEG_EACH(i, count)                                          \
  for (long long sseg_lane = 0; sseg_lane < SSEG_BLOCK; ++sseg_lane) \
    for (long long i = index * SSEG_BLOCK + sseg_lane; i < (count); i += blocks * SSEG_BLOCK)
#define SSEG_ROWS(r, count) for (long long r = index; r < (count); r += blocks)
#define SSEG_SHARED(type, name, n) type name[n]
#define SSEG_LANES(t) for (int t = 0; t < SSEG_BLOCK; ++t)
#define SSEG_TREE(half) for (int half = SSEG_BLOCK / 2; half > 0; half /= 2)
#define SSEG_HELPER(type, name, parameters, ...) static type name parameters __VA_ARGS__
#define SSEG_KERNEL(name, parameters, ...) void name parameters const __VA_ARGS__
// NOLINTEND(bugprone-macro-parentheses)
#include "sseg/backend/cuda/kernels/source.inc"
#undef SSEG_KERNEL
#undef SSEG_HELPER
#undef SSEG_TREE
#undef SSEG_LANES
#undef SSEG_SHARED
#undef SSEG_ROWS
#undef SSEG_EACH
#undef SSEG_BLOCK
};

}  // namespace sseg::cuda

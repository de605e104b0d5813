#pragma once
#include "cuda/double/kernels.hpp"
#include "sseg/backend/cuda/host_twin.hpp"

namespace cuda_test {

using sseg::cuda::Bf16;
using sseg::cuda::F16;
using sseg::cuda::threads_of_block;
using Index = sseg::Index;

/// sseg::cuda::HostBlock with the threads of a block in the opposite order between two barriers. A kernel that lacks a
/// barrier reads what another thread has not written yet in one of the two orders.
struct BackwardsBlock {
  long long index = 0;
  long long blocks = 1;

#define SSEG_EACH(i, count)                                               \
  for (long long sseg_lane = SSEG_BLOCK - 1; sseg_lane >= 0; --sseg_lane) \
    for (long long i = index * SSEG_BLOCK + sseg_lane; i < (count); i += blocks * SSEG_BLOCK)
#define SSEG_LANES(t) for (int t = SSEG_BLOCK - 1; t >= 0; --t)
#include "sseg/backend/cuda/kernels/on_host.inc"
};

/// Blocks last to first, too. `kernel` twice: as a constant, which gcc calls directly, and for its parameters.
template <auto kernel, class... A>
cuda_double::KernelTwin backwards(void (BackwardsBlock::*)(A...) const) {
  return cuda_double::twin_by_block<A...>([](const cuda_double::Block& b, const A&... a) {
    const long long blocks = b.grid.x;
    (BackwardsBlock{blocks - 1 - b.index.x, blocks}.*kernel)(a...);
  });
}

/// Gives the double twins that go backwards.
inline void register_backwards_kernels() {
#define SSEG_KERNEL(name, parameters, ...) \
  cuda_double::register_kernel("sseg_" #name, backwards<&BackwardsBlock::name>(&BackwardsBlock::name));
#define SSEG_MAP_KERNEL(name, parameters, ...)                                                                        \
  cuda_double::register_kernel("sseg_" #name, backwards<&BackwardsBlock::name<float>>(&BackwardsBlock::name<float>)); \
  cuda_double::register_kernel("sseg_" #name "_bf16",                                                                 \
                               backwards<&BackwardsBlock::name<Bf16>>(&BackwardsBlock::name<Bf16>));                  \
  cuda_double::register_kernel("sseg_" #name "_f16", backwards<&BackwardsBlock::name<F16>>(&BackwardsBlock::name<F16>));
#include "sseg/backend/cuda/kernels/all.inc"
#undef SSEG_MAP_KERNEL
#undef SSEG_KERNEL
}

}  // namespace cuda_test

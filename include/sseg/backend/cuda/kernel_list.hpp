#pragma once
#include <array>
#include <string_view>

#include "sseg/backend/cuda/host_block.hpp"

namespace sseg::cuda {

/// One type for each kernel, with its name on the device and its twin on the host, whose parameters are the kernel's.
namespace kernel {
#define SSEG_KERNEL(kernel_name, parameters, ...)               \
  struct kernel_name {                                          \
    static constexpr const char* symbol = "sseg_" #kernel_name; \
    static constexpr auto twin = &HostBlock::kernel_name;       \
  };
#include "sseg/backend/cuda/kernels/all.inc"
#undef SSEG_KERNEL
}  // namespace kernel

/// f.operator()<K>() for the type K of every kernel.
template <class F>
void each_kernel(F&& f) {
#define SSEG_KERNEL(kernel_name, parameters, ...) f.template operator()<kernel::kernel_name>();
#include "sseg/backend/cuda/kernels/all.inc"
#undef SSEG_KERNEL
}

}  // namespace sseg::cuda

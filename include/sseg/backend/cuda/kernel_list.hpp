#pragma once
#include <array>
#include <string_view>

#include "sseg/backend/cuda/host_block.hpp"

namespace sseg::cuda {

/// One type for each kernel, with its name on the device and its twin on the host, whose parameters are the kernel's.
/// A kernel on maps is a template, `add_of<Map>`; `add` is that for float.
namespace kernel {
#define SSEG_KERNEL(kernel_name, parameters, ...)               \
  struct kernel_name {                                          \
    static constexpr const char* symbol = "sseg_" #kernel_name; \
    static constexpr auto twin = &HostBlock::kernel_name;       \
  };
#define SSEG_MAP_KERNEL(kernel_name, parameters, ...)                                                      \
  template <class Map>                                                                                     \
  struct kernel_name##_of {                                                                                \
    static constexpr const char* symbol = storage_of<Map> == Storage::bf16  ? "sseg_" #kernel_name "_bf16" \
                                          : storage_of<Map> == Storage::f16 ? "sseg_" #kernel_name "_f16"  \
                                                                            : "sseg_" #kernel_name;        \
    static constexpr auto twin = &HostBlock::kernel_name<Map>;                                             \
  };                                                                                                       \
  using kernel_name = kernel_name##_of<float>;
#include "sseg/backend/cuda/kernels/all.inc"
#undef SSEG_MAP_KERNEL
#undef SSEG_KERNEL
}  // namespace kernel

/// f.operator()<K>() for the type K of every kernel.
template <class F>
void each_kernel(F&& f) {
#define SSEG_KERNEL(kernel_name, parameters, ...) f.template operator()<kernel::kernel_name>();
#define SSEG_MAP_KERNEL(kernel_name, parameters, ...)       \
  f.template operator()<kernel::kernel_name##_of<float>>(); \
  f.template operator()<kernel::kernel_name##_of<Bf16>>();  \
  f.template operator()<kernel::kernel_name##_of<F16>>();
#include "sseg/backend/cuda/kernels/all.inc"
#undef SSEG_MAP_KERNEL
#undef SSEG_KERNEL
}

}  // namespace sseg::cuda

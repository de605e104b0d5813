#pragma once
/// Whether this program was built for GPUs, in C++: the rest of the library asks this and no macro. With
/// -DSSEG_WITH_CUDA it is (in CMake: sseg::cuda).
#if defined(SSEG_WITH_CUDA)
#include "sseg/backend/cuda.hpp"  // optional
#endif

namespace sseg {

/// To be asked by templates of which it is an argument, so that they may name what is not there:
///   template <class Here> auto f() { if constexpr (Here::built) return typename Here::Backend({.device = 1}); … }
struct CudaHere {
#if defined(SSEG_WITH_CUDA)
  static constexpr bool built = true;
  using Backend = Cuda;
  using Options = CudaOptions;
  /// GPUs that this process sees.
  static int count() { return cuda::DeviceProbe::ask().devices; }
#else
  static constexpr bool built = false;
#endif
};

}  // namespace sseg

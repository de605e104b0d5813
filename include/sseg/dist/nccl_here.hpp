#pragma once
/// Whether this program was built with NCCL, as CudaHere. With -DSSEG_WITH_CUDA and -DSSEG_WITH_NCCL it is (in CMake:
/// sseg::cuda, sseg::nccl).
#if defined(SSEG_WITH_CUDA) && defined(SSEG_WITH_NCCL)
#include "sseg/dist/nccl.hpp"  // optional
#endif

namespace sseg {

/// To be asked by templates of which it is an argument.
struct NcclHere {
#if defined(SSEG_WITH_CUDA) && defined(SSEG_WITH_NCCL)
  static constexpr bool built = true;
  template <class Host>
  using Communicator = Nccl<Host>;
#else
  static constexpr bool built = false;
#endif
};

}  // namespace sseg

#pragma once
// The only door to CUDA's runtime library (cudart), versions 12.8 and newer. Plain C++: no nvcc is needed.
#include <cuda_runtime_api.h>

#include <string>

#include "sseg/core/error.hpp"

namespace sseg::cuda {

/// Throws: Error with CUDA's name of the failure unless `status` says success. `where` names the call.
/// The device works behind the host's back: a failure may belong to an earlier call of the same stream.
inline void check(cudaError_t status, const std::string& where) {
  if (status == cudaSuccess) return;
  (void)cudaGetLastError();  // a failure that does not last is told once
  const bool memory = status == cudaErrorMemoryAllocation;
  throw Error(std::string("CUDA: ") + cudaGetErrorName(status) + ": " + cudaGetErrorString(status), where,
              memory ? "put fewer images into a batch, or use a device with more memory"
                     : "if an earlier call is at fault, CUDA_LAUNCH_BLOCKING=1 in the environment shows which");
}
inline void check(cudaError_t status, const char* where) {
  if (status != cudaSuccess) check(status, std::string(where));
}

}  // namespace sseg::cuda

#pragma once
#include <cstdint>
#include <string>

#include "sseg/backend/cuda/runtime.hpp"

namespace sseg::cuda {

/// What is asked of a device: for choosing code, and for the report of a run.
struct DeviceFacts {
  int ordinal = 0;
  std::string name;         ///< as "NVIDIA H100 80GB HBM3"
  int architecture = 0;     ///< 10·major + minor of its compute capability, as NVRTC's sm_90 names it
  int processors = 0;       ///< streaming multiprocessors
  std::int64_t memory = 0;  ///< bytes
  bool operator==(const DeviceFacts&) const = default;

  /// Throws: Error when there is no such device.
  static DeviceFacts of(int ordinal) {
    cudaDeviceProp p{};
    check(cudaGetDeviceProperties(&p, ordinal), "cudaGetDeviceProperties");
    return {ordinal, p.name, 10 * p.major + p.minor, p.multiProcessorCount,
            static_cast<std::int64_t>(p.totalGlobalMem)};
  }

  /// Tensor cores for bfloat16 and TF32 came with compute capability 8.0.
  bool has_bf16() const { return architecture >= 80; }
};

}  // namespace sseg::cuda

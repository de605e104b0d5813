#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// What a cubin, machine code as NVRTC makes it, says about itself: so that the host twin of a kernel is held against
/// the real one.
namespace cuda_double {

struct CubinKernel {
  std::vector<std::uint32_t> parameter_bytes;
  std::uint32_t most_threads = 0;  ///< of a block, by __launch_bounds__; 0: not said
  std::uint64_t shared_bytes = 0;
};

struct Cubin {
  int architecture = 0;  ///< 90 for sm_90
  std::map<std::string, CubinKernel> kernels;
};

/// Throws: Misuse when the bytes are no cubin. The length is taken from its own header, as CUDA does.
Cubin read_cubin(const void* image);

}  // namespace cuda_double

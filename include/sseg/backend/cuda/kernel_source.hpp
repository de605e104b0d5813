#pragma once
#include <string>

/// The kernels of kernels/*.inc are written once and read three times: as text for NVRTC (here), as C++ that does the
/// same on the host (host_block.hpp), and as a list of names and parameters (kernel_list.hpp). Their dialect:
///   SSEG_KERNEL(name, (parameters), { body })    one kernel;   SSEG_HELPER(type, name, (parameters), { body })
///   SSEG_MAP_KERNEL(…)         the same for each type `Map` of values in maps: float, Bf16 and F16, whose names end in
///                              _bf16 and _f16. A short number is read as a float and rounded where it is assigned
///   SSEG_MAP_HELPER(…)         a template over `Map`;   SSEG_SHORT(name, from, to)   such a type by its conversions
///   SSEG_EACH(i, count) …      every i below count, dealt out over all threads of the grid. Not unrolled: most threads
///                              have one, and unrolled some kernels spill registers
///   SSEG_ROWS(r, count) …      every r below count, one block each
///   SSEG_SHARED(type, name, n) an array that a block's threads share
///   SSEG_LANES(t) …            every thread t of the block, which then wait for each other. What one thread is to tell
///                              another it writes into a shared array
///   SSEG_ROLLED for …          a loop that the compiler shall not unroll: it would run out of registers
///   SSEG_BITS_OF(x), SSEG_FLOAT_OF(u)   a float as the bits of an unsigned, and back
///   SSEG_TREE(half) …          half = SSEG_BLOCK/2, …, 2, 1: for sums in a fixed order
/// A body has no preprocessor lines. No atomics: the same input gives the same bits on every device and in every run,
/// but for what the device's own exp, log and division round.
namespace sseg::cuda {

/// Threads of a block, in every kernel.
inline constexpr int threads_of_block = 256;

/// CUDA C++ of all kernels.
inline std::string kernel_source() {
  return R"(typedef long long Index;
#define SSEG_BLOCK 256
#define INFINITY __int_as_float(0x7f800000)
#define SSEG_ROLLED _Pragma("unroll 1")
#define SSEG_BITS_OF(x) __float_as_uint(x)
#define SSEG_FLOAT_OF(u) __uint_as_float(u)
#define SSEG_EACH(i, count) \
  _Pragma("unroll 1") for (long long i = blockIdx.x * (long long)SSEG_BLOCK + threadIdx.x; i < (count); i += gridDim.x * (long long)SSEG_BLOCK)
#define SSEG_ROWS(r, count) for (long long r = blockIdx.x; r < (count); r += gridDim.x)
#define SSEG_SHARED(type, name, n) __shared__ type name[n]
#define SSEG_LANES(t) for (int t = threadIdx.x, sseg_once = 1; sseg_once; sseg_once = 0, __syncthreads())
#define SSEG_TREE(half) for (int half = SSEG_BLOCK / 2; half > 0; half /= 2)
)"
#define SSEG_HELPER(type, name, parameters, ...) "static __device__ " #type " " #name #parameters " " #__VA_ARGS__ "\n"
#define SSEG_KERNEL(name, parameters, ...) \
  "extern \"C\" __global__ void __launch_bounds__(SSEG_BLOCK) sseg_" #name #parameters " " #__VA_ARGS__ "\n"
#define SSEG_MAP_HELPER(type, name, parameters, ...) \
  "template <class Map> static __device__ " #type " " #name #parameters " " #__VA_ARGS__ "\n"
#define SSEG_MAP_KERNEL(name, parameters, ...)                                                                  \
  "#define Map float\n"                                                                                         \
  "extern \"C\" __global__ void __launch_bounds__(SSEG_BLOCK) sseg_" #name #parameters " " #__VA_ARGS__         \
  "\n"                                                                                                          \
  "#undef Map\n#define Map Bf16\n"                                                                              \
  "extern \"C\" __global__ void __launch_bounds__(SSEG_BLOCK) sseg_" #name "_bf16" #parameters " " #__VA_ARGS__ \
  "\n"                                                                                                          \
  "#undef Map\n#define Map F16\n"                                                                               \
  "extern \"C\" __global__ void __launch_bounds__(SSEG_BLOCK) sseg_" #name "_f16" #parameters " " #__VA_ARGS__  \
  "\n"                                                                                                          \
  "#undef Map\n"
#define SSEG_SHORT(name, from, to)                                                                  \
  "struct " #name " {\n  unsigned short bits;\n  __device__ operator float() const { return " #from \
  "(bits); }\n  __device__ void operator=(float x) { bits = " #to "(x); }\n};\n"
#include "sseg/backend/cuda/kernels/source.inc"
#undef SSEG_SHORT
#undef SSEG_MAP_KERNEL
#undef SSEG_MAP_HELPER
#undef SSEG_KERNEL
#undef SSEG_HELPER
      ;
}

}  // namespace sseg::cuda

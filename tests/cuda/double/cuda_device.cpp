// cudart: devices, versions, errors.
#include <cstring>

#include "cuda/double/world.hpp"

using namespace cuda_double;

namespace {

Card& card(int device) {
  World& w = world();
  if (device < 0 || static_cast<std::size_t>(device) >= w.cards.size())
    throw Refusal<cudaError_t>{cudaErrorInvalidDevice, "no such device"};
  return w.cards[static_cast<std::size_t>(device)];
}

int attribute(const Card& c, cudaDeviceAttr attr) {
  switch (attr) {
    case cudaDevAttrComputeCapabilityMajor:
      return c.major;
    case cudaDevAttrComputeCapabilityMinor:
      return c.minor;
    case cudaDevAttrMultiProcessorCount:
      return c.processors;
    case cudaDevAttrMaxThreadsPerBlock:
      return c.max_threads_per_block;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      return static_cast<int>(c.shared_per_block);
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      return static_cast<int>(c.shared_per_block_optin);
    case cudaDevAttrWarpSize:
      return 32;
    case cudaDevAttrMemoryPoolsSupported:
      return 1;
    default:
      throw Misuse("device attribute " + std::to_string(attr) + " is not in the double");
  }
}

cudaDeviceProp properties(const Card& c) {
  cudaDeviceProp p{};
  std::strncpy(p.name, c.name.c_str(), sizeof p.name - 1);
  p.totalGlobalMem = c.memory;
  p.sharedMemPerBlock = c.shared_per_block;
  p.sharedMemPerBlockOptin = c.shared_per_block_optin;
  p.warpSize = 32;
  p.maxThreadsPerBlock = c.max_threads_per_block;
  p.maxThreadsDim[0] = p.maxThreadsDim[1] = 1024;
  p.maxThreadsDim[2] = 64;
  p.maxGridSize[0] = 2147483647;
  p.maxGridSize[1] = p.maxGridSize[2] = 65535;
  p.major = c.major;
  p.minor = c.minor;
  p.multiProcessorCount = c.processors;
  p.unifiedAddressing = 1;
  p.memoryPoolsSupported = 1;
  return p;
}

}  // namespace

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  return answer_cuda(__func__, cudaErrorUnknown, [&] {
    World& w = world();
    *count = static_cast<int>(w.cards.size());
    if (w.cards.empty()) throw Refusal<cudaError_t>{w.no_device, "no cards"};
  });
}

cudaError_t cudaGetDevice(int* device) {
  return answer_cuda(__func__, cudaErrorUnknown, [&] { *device = current_device(); });
}

cudaError_t cudaSetDevice(int device) {
  return answer_cuda(__func__, cudaErrorDevicesUnavailable, [&] {
    card(device);
    current_device() = device;
  });
}

cudaError_t cudaInitDevice(int device, unsigned, unsigned) {
  return answer_cuda(__func__, cudaErrorDevicesUnavailable, [&] { card(device); });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* prop, int device) {
  return answer_cuda(__func__, cudaErrorUnknown, [&] { *prop = properties(card(device)); });
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attr, int device) {
  return answer_cuda(__func__, cudaErrorUnknown, [&] { *value = attribute(card(device), attr); });
}

cudaError_t cudaDeviceSynchronize() {
  return answer_cuda_wait(__func__, [&] {
    world().streams.demand_no_capture("nothing may wait");
    world().streams.finish_device(current_device());
    tell_run_errors();
  });
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = world().driver_version;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaGetLastError() {
  const cudaError_t error = last_error();
  last_error() = cudaSuccess;
  return error;
}

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "cudaSuccess";
    case cudaErrorInvalidValue:
      return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorInsufficientDriver:
      return "cudaErrorInsufficientDriver";
    case cudaErrorStubLibrary:
      return "cudaErrorStubLibrary";
    case cudaErrorNoDevice:
      return "cudaErrorNoDevice";
    case cudaErrorInvalidDevice:
      return "cudaErrorInvalidDevice";
    case cudaErrorIllegalAddress:
      return "cudaErrorIllegalAddress";
    case cudaErrorLaunchOutOfResources:
      return "cudaErrorLaunchOutOfResources";
    case cudaErrorLaunchFailure:
      return "cudaErrorLaunchFailure";
    case cudaErrorNotReady:
      return "cudaErrorNotReady";
    case cudaErrorSymbolNotFound:
      return "cudaErrorSymbolNotFound";
    case cudaErrorInvalidKernelImage:
      return "cudaErrorInvalidKernelImage";
    case cudaErrorNoKernelImageForDevice:
      return "cudaErrorNoKernelImageForDevice";
    case cudaErrorInvalidConfiguration:
      return "cudaErrorInvalidConfiguration";
    default:
      return "cudaErrorUnknown";
  }
}

const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "out of memory" : "an error of the double";
}

}  // extern "C"

#pragma once
#include <string>

#include "sseg/backend/cuda/runtime.hpp"

namespace sseg::cuda {

/// Whether this process can use a device, and if not, why not and what would cure it.
struct DeviceProbe {
  int devices = 0;
  std::string reason;  ///< empty when there is a device
  std::string cure;

  explicit operator bool() const { return devices > 0; }

  /// Asks CUDA. Never throws: a machine without a device is no error.
  static DeviceProbe ask() {
    int devices = 0;
    const cudaError_t status = cudaGetDeviceCount(&devices);
    if (status == cudaSuccess && devices > 0) return {devices, {}, {}};
    (void)cudaGetLastError();
    switch (status) {
      case cudaErrorInsufficientDriver:
        return no_driver();
      case cudaErrorStubLibrary:
        return {0, "the toolkit's stub of libcuda.so.1 was loaded instead of the driver's library",
                "take the toolkit's folder 'stubs' out of LD_LIBRARY_PATH; it serves linking only"};
      case cudaSuccess:
      case cudaErrorNoDevice:
        return {0, "the NVIDIA driver sees no GPU",
                "check nvidia-smi, CUDA_VISIBLE_DEVICES and the devices given to the container"};
      default:
        return {0, std::string("CUDA: ") + cudaGetErrorName(status) + ": " + cudaGetErrorString(status),
                "check that nvidia-smi works for this user"};
    }
  }

 private:
  static std::string version(int v) { return std::to_string(v / 1000) + "." + std::to_string(v % 1000 / 10); }

  static DeviceProbe no_driver() {
    int driver = 0, runtime = 0;
    if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0)
      return {0, "no NVIDIA driver is installed (libcuda.so.1 was not found)", "install the driver of the GPU"};
    (void)cudaRuntimeGetVersion(&runtime);
    return {0,
            "the NVIDIA driver serves CUDA " + version(driver) + " at most, this program was built with " +
                version(runtime),
            "install a newer driver, or build with an older toolkit"};
  }
};

}  // namespace sseg::cuda

// Prints why there is no device, as the library says it, or what the device is.
#include <iostream>

#include "sseg/backend/cuda.hpp"

int main() {
  const auto probe = sseg::cuda::DeviceProbe::ask();
  if (probe) {
    std::cout << "a device: " << sseg::cuda::DeviceFacts::of(0).name << "\n";
    return 0;
  }
  std::cout << "probe: " << probe.reason << " (" << probe.cure << ")\n";
  try {
    sseg::Cuda cuda;
    std::cout << "a backend without a device\n";
    return 1;
  } catch (const sseg::Error& e) {
    std::cout << "backend: " << e.what() << "\n";
  }
  return 0;
}

#include <cuda_runtime_api.h>
#include <sseg/backend/cuda/device_probe.hpp>

#include <cstdio>

// Runs with and without a GPU: links what the backend links, and asks.
int main() {
  const auto probe = sseg::cuda::DeviceProbe::ask();
  int version = 0;
  if (cudaRuntimeGetVersion(&version) != cudaSuccess || version < 12080) return 1;
  std::printf("%d devices%s%s\n", probe.devices, probe ? "" : ": ", probe.reason.c_str());
  return probe || !probe.reason.empty() ? 0 : 1;
}

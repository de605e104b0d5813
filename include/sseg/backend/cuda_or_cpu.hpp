#pragma once
/// A program that shall run on the Cpu or, where it is built with -DSSEG_WITH_CUDA and linked to NVIDIA's libraries (in
/// CMake: sseg::cuda), on a GPU. Without that this header needs nothing of CUDA.
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/cuda/graph_use.hpp"
#include "sseg/core/error.hpp"
#if defined(SSEG_WITH_CUDA)
#include "sseg/backend/cuda.hpp"  // optional
#endif

namespace sseg {

/// Whether work can be done on a GPU; if not, why not and what would cure it.
struct DeviceAnswer {
  std::string reason{};  ///< empty: it can
  std::string cure{};
  bool built = true;  ///< false: the program knows no GPU
};

/// True for the GPU. `wanted`: "cpu"; "cuda", which is refused where it cannot be had; or "auto", which then takes the
/// Cpu and says why in one line, unless the program knows no GPU anyway. Throws: Error.
inline bool takes_device(std::string_view wanted, const DeviceAnswer& device, std::FILE* out) {
  require(wanted == "auto" || wanted == "cpu" || wanted == "cuda", "there is no such backend", "backend",
          "give auto, cpu or cuda");
  if (wanted == "cpu") return false;
  if (device.reason.empty()) return true;
  if (wanted == "cuda") throw Error("the backend cuda cannot be had: " + device.reason, "backend", device.cure);
  if (device.built) std::fprintf(out, "backend: the CPU, because %s\n", device.reason.c_str());
  return false;
}

/// What CUDA says of this machine.
inline DeviceAnswer ask_for_device() {
#if defined(SSEG_WITH_CUDA)
  const auto probe = cuda::DeviceProbe::ask();
  return {probe.reason, probe.cure};
#else
  return {"this program was built without it", "build with the CUDA toolkit and cuDNN (SSEG_WITH_CUDA=ON)", false};
#endif
}

/// f(backend) on the GPU or the Cpu, as `wanted` says (takes_device). `unfit`: what the work asks of the host alone, in
/// words that follow "because"; empty: nothing. `graphs`: CudaOptions::graph. Returns what f returns. Throws: Error, as
/// f and the backends do.
template <class F>
auto with_cuda_or_cpu(std::string_view wanted, const std::string& unfit, const CpuOptions& host, std::FILE* out, F&& f,
                      [[maybe_unused]] cuda::GraphUse graphs = cuda::GraphUse::automatic) {
  DeviceAnswer device = ask_for_device();
  if (device.reason.empty() && !unfit.empty()) device = {unfit, "give backend=cpu, or work without it"};
  if (takes_device(wanted, device, out)) {
#if defined(SSEG_WITH_CUDA)
    std::optional<Cuda> gpu;
    try {
      gpu.emplace(CudaOptions{.graph = graphs, .say = out, .threads = host.threads});
    } catch (const Error& e) {  // a GPU that one of the libraries does not serve
      takes_device(wanted, {e.what_happened(), e.cure()}, out);
    }
    if (gpu) return f(*gpu);
#endif
  }
  Cpu cpu(host);
  return f(cpu);
}

}  // namespace sseg

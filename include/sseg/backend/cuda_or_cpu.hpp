#pragma once
/// A program that shall run on the Cpu or, where it is built with -DSSEG_WITH_CUDA and linked to NVIDIA's libraries (in
/// CMake: sseg::cuda), on a GPU. Without that this header needs nothing of CUDA. With -DSSEG_WITH_CUDA_16BIT, too, the
/// program knows 16 bits (BasicCuda<cuda::Storage::bf16>, which keeps maps so, and f16, of factors alone), and is
/// compiled twice more.
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/cuda/graph_use.hpp"
#include "sseg/core/error.hpp"
#if defined(SSEG_WITH_CUDA)
#include "sseg/backend/cuda.hpp"  // optional
#endif

namespace sseg {

/// What a user wants to compute on, and how.
struct BackendChoice {
  std::string_view backend = "auto";                  ///< auto, cpu or cuda
  std::string_view precision = "f32";                 ///< on a GPU: f32, tf32, bf16 or f16 (docs/gpu.md)
  cuda::GraphUse graphs = cuda::GraphUse::automatic;  ///< whether a GPU gets its steps as CUDA graphs
};

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

/// Whether this program can compute so on a GPU. Throws: Error when the word is none.
inline bool knows_precision(std::string_view precision) {
  const bool half = precision == "bf16" || precision == "f16";
  require(half || precision == "f32" || precision == "tf32", "there is no such precision", "precision",
          "give f32, tf32, bf16 or f16");
#if defined(SSEG_WITH_CUDA_16BIT)
  return true;
#else
  return !half;
#endif
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

namespace detail {

/// Before work begins on the Cpu.
inline void demand_no_graphs(cuda::GraphUse graphs) {
  require(graphs != cuda::GraphUse::on, "there are CUDA graphs on a GPU alone, and this run is on the CPU",
          "cuda_graph", "give auto, or backend=cuda where there is a GPU");
}

}  // namespace detail

#if defined(SSEG_WITH_CUDA)
namespace detail {

/// Null where one of the libraries does not serve the GPU, and `choice` takes the Cpu then. Throws: Error where not.
template <class Gpu>
std::unique_ptr<Gpu> gpu_or_null(const BackendChoice& choice, int threads, std::FILE* out) {
  try {
    return std::make_unique<Gpu>(
        CudaOptions{.tf32 = choice.precision == "tf32", .graph = choice.graphs, .say = out, .threads = threads});
  } catch (const Error& e) {
    takes_device(choice.backend, {e.what_happened(), e.cure()}, out);
    return nullptr;
  }
}

}  // namespace detail
#endif

/// f(backend) on the GPU or the Cpu, as `choice` says (takes_device). `unfit`: what the work asks of the host alone, in
/// words that follow "because"; empty: nothing. The Cpu computes in float, and where another precision is chosen, that
/// is said. Returns what f returns. Throws: Error, as f and the backends do, and when the program does not know the
/// precision on a GPU that is there.
template <class F>
auto with_cuda_or_cpu(const BackendChoice& choice, const std::string& unfit, const CpuOptions& host, std::FILE* out,
                      F&& f) {
  const bool known = knows_precision(choice.precision);
  DeviceAnswer device = ask_for_device();
  if (device.reason.empty() && !unfit.empty()) device = {unfit, "give backend=cpu, or work without it"};
  if (takes_device(choice.backend, device, out)) {
    require(known, "this program was built without 16 bits", "precision",
            "build it with -DSSEG_WITH_CUDA_16BIT (the example train_sseg_16bit is), or give f32 or tf32");
#if defined(SSEG_WITH_CUDA)
#if defined(SSEG_WITH_CUDA_16BIT)
    if (choice.precision == "bf16")
      if (const auto gpu = detail::gpu_or_null<BasicCuda<cuda::Storage::bf16>>(choice, host.threads, out))
        return f(*gpu);
    if (choice.precision == "f16")
      if (const auto gpu = detail::gpu_or_null<BasicCuda<cuda::Storage::f16>>(choice, host.threads, out))
        return f(*gpu);
#endif
    if (choice.precision == "f32" || choice.precision == "tf32")
      if (const auto gpu = detail::gpu_or_null<Cuda>(choice, host.threads, out)) return f(*gpu);
#endif
  }
  detail::demand_no_graphs(choice.graphs);
  if (choice.precision != "f32") std::fputs("precision: f32, as always on the CPU\n", out);
  Cpu cpu(host);
  return f(cpu);
}

}  // namespace sseg

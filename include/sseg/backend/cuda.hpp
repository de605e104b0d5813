#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "sseg/backend/cuda/blas.hpp"
#include "sseg/backend/cuda/convolver.hpp"
#include "sseg/backend/cuda/device.hpp"
#include "sseg/backend/cuda/device_probe.hpp"
#include "sseg/backend/cuda/half_convolution.hpp"
#include "sseg/backend/cuda/queue_columns.hpp"
#include "sseg/backend/cuda/queue_norm.hpp"
#include "sseg/backend/cuda/queue_ranks.hpp"
#include "sseg/backend/cuda/queue_rows.hpp"
#include "sseg/backend/cuda/queue_updates.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// How the CUDA backend works.
struct CudaOptions {
  int device = 0;     ///< as CUDA numbers those that this process sees
  bool tf32 = false;  ///< convolutions and products may round their factors to 10 bits of mantissa: tensor cores
  std::filesystem::path cache = cuda::CubinCache::usual_folder();  ///< of compiled kernels; empty: none
  int threads = 0;  ///< of the team for work on the host (reading and augmenting images); 0: all cores
};

/// An operation that the GPU has kernels of ours for.
template <class Op>
concept HasCudaKernel = requires(cuda::Device& device, const Op& op) {
  cuda::queue(device, op);
};

/// NVIDIA GPUs: float, images NHWC. Convolutions by cuDNN, products by cuBLAS, the rest by kernels of ours, compiled by
/// NVRTC for the device that is there. All tensors of an operation lie in its memory; what is not a tensor (sizes,
/// corrections, cohorts) on the host. Operations are queued on one stream and run after `run` has returned; those that
/// report a value (losses, Dot) wait for it. `wait` waits for all.
///
/// Results: the same bits in every run on one kind of device. What is queued does not depend on the device, but cuDNN
/// and cuBLAS choose their code by it.
///
/// `Half` other than f32: convolutions round their factors to 16 bits (HalfConvolution), products and weight gradients
/// to TF32; what is kept stays float.
///
/// A program that includes this links cudart, cudnn, cublas and nvrtc (in CMake: sseg::cuda).
template <cuda::Storage Half = cuda::Storage::f32>
class BasicCuda {
  static constexpr bool exact_storage = Half == cuda::Storage::f32;

 public:
  static constexpr std::string_view name = "cuda";
  using Scalar = float;
  using Space = DeviceSpace;

  /// Throws: Error that says why when there is no device, or not this one, or a library is not there.
  explicit BasicCuda(const CudaOptions& options = {})
      : threads_(options.threads),
        tf32_(options.tf32 || !exact_storage),
        device_(cuda::DeviceFacts::of(checked(options.device)), cuda::CubinCache(options.cache)),
        blas_(device_.stream(), device_.pool()),
        convolver_(device_, tf32_) {}

  /// The team for work on the host.
  Threads& threads() { return threads_; }
  const cuda::DeviceFacts& facts() const { return device_.facts(); }
  cuda::Device& device() { return device_; }
  /// Where parameters, activations and gradients lie.
  std::shared_ptr<Memory> memory() const { return device_.memory(); }
  /// What decides results beside the seed: "NVIDIA H100 80GB HBM3, TF32".
  std::string arithmetic() const {
    const std::string half = exact_storage ? "" : ", " + std::string(to_string(Half));
    return facts().name + half + (tf32_ ? ", TF32" : "");
  }
  /// Waits until all that was queued is done. Throws: Error of any of it.
  void wait() const { device_.stream().wait(); }

  template <HasCudaKernel Op>
  bool can(const Op&) {
    return true;
  }
  template <HasCudaKernel Op>
  void run(const Op& op) {
    device_.make_current();
    cuda::queue(device_, op);
  }

  bool can(const Gemm<float>& a) const { return cuda::Blas::takes(a); }
  void run(const Gemm<float>& a) {
    device_.make_current();
    blas_.multiply(a, tf32_);
  }

  bool can(const Conv2dForward<float>& a) const { return cuda::Convolver::takes(a.g); }
  bool can(const Conv2dBackwardData<float>& a) const { return cuda::Convolver::takes(a.g); }
  bool can(const Conv2dBackwardWeights<float>& a) const { return cuda::Convolver::takes(a.g); }
  bool can(const Conv2dNormReluPool<float>& a) const {
    return exact_storage && a.norm.g.relu && cuda::Convolver::takes(a.conv.g);
  }
  void run(const Conv2dForward<float>& a) { convolve(a); }
  void run(const Conv2dBackwardData<float>& a) { convolve(a); }
  void run(const Conv2dBackwardWeights<float>& a) { convolve_exactly(a); }
  void run(const Conv2dNormReluPool<float>& a) { convolve_exactly(a); }

 private:
  template <class Op>
  void convolve(const Op& op) {
    device_.make_current();
    if constexpr (exact_storage)
      convolver_.run(device_, op);
    else
      cuda::HalfConvolution<Half>(device_, convolver_).run(op);
  }
  template <class Op>
  void convolve_exactly(const Op& op) {
    device_.make_current();
    convolver_.run(device_, op);
  }
  static int checked(int device) {
    const auto probe = cuda::DeviceProbe::ask();
    if (!probe) throw Error("there is no CUDA device: " + probe.reason, "Cuda", probe.cure);
    if (device < 0 || device >= probe.devices)
      throw Error("there is no CUDA device " + std::to_string(device) + ", only " + std::to_string(probe.devices),
                  "Cuda", "they are numbered from 0");
    return device;
  }

  Threads threads_;
  bool tf32_;
  cuda::Device device_;
  cuda::Blas blas_;
  cuda::Convolver convolver_;
};

/// All in float; TF32 where it is asked for.
using Cuda = BasicCuda<>;

}  // namespace sseg

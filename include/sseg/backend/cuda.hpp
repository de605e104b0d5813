#pragma once
#include <cstdio>
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
#include "sseg/backend/loss_scale.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// How the CUDA backend works.
struct CudaOptions {
  int device = 0;     ///< as CUDA numbers those that this process sees
  bool tf32 = false;  ///< convolutions and products may round their factors to 10 bits of mantissa: tensor cores
  std::filesystem::path cache = cuda::CubinCache::usual_folder();  ///< of compiled kernels; empty: none
  cuda::GraphUse graph = cuda::GraphUse::automatic;                ///< steps go to the device as CUDA graphs
  std::FILE* say = stderr;      ///< where it is told that this does not work; null: nowhere
  int threads = 0;              ///< of the team for work on the host (reading and augmenting images); 0: all cores
  std::size_t most_memory = 0;  ///< bytes of the device that it may hold; 0: all that are there
};

/// An operation that the GPU has kernels of ours for.
template <class Op>
concept HasCudaKernel = requires(cuda::Device& device, const Op& op) {
  cuda::queue(device, op);
};

/// NVIDIA GPUs: float, images NHWC. Convolutions by cuDNN, products by cuBLAS, the rest by kernels of ours, compiled by
/// NVRTC for the device that is there. All tensors of an operation lie in its memory; what is not a tensor (sizes,
/// corrections, cohorts) on the host. Operations are queued on one stream and run after `run` has returned; those that
/// report a value (losses, Dot) wait for it unless they are given a place for it on the device. `wait` waits for all.
///
/// Results: the same bits in every run on one kind of device. What is queued does not depend on the device, but cuDNN
/// and cuBLAS choose their code by it.
///
/// `Half` other than f32: convolutions round their factors to 16 bits (HalfConvolution), products and weight gradients
/// to TF32; what is kept stays float. `Scaling` says how f16, whose range gradients leave, holds them: with
/// `whole_loss` the backend has a LossScale, by which training multiplies the loss, and steps that overflow are
/// skipped.
///
/// A program that includes this links cudart, cudnn, cublas and nvrtc (in CMake: sseg::cuda).
template <cuda::Storage Half = cuda::Storage::f32, cuda::GradientScaling Scaling = cuda::GradientScaling::each_tensor>
requires(Half == cuda::Storage::f16 || Scaling == cuda::GradientScaling::each_tensor) class BasicCuda {
  static constexpr bool exact_storage = Half == cuda::Storage::f32;
  static constexpr bool scales_loss = Scaling == cuda::GradientScaling::whole_loss;

 public:
  static constexpr std::string_view name = "cuda";
  using Scalar = float;
  using Space = DeviceSpace;

  /// Throws: Error that says why when there is no device, or not this one, or a library is not there.
  explicit BasicCuda(const CudaOptions& options = {})
      : threads_(options.threads),
        tf32_(options.tf32 || !exact_storage),
        device_(cuda::DeviceFacts::of(checked(options.device)), cuda::CubinCache(options.cache), options.most_memory,
                options.graph, options.say),
        blas_(device_.stream(), device_.pool()),
        convolver_(device_, tf32_) {
    if (Half == cuda::Storage::bf16 && !facts().has_bf16())
      throw Error(facts().name + " has no bfloat16", "Cuda", "give the precision f16 or f32");
  }
  BasicCuda(const BasicCuda&) = delete;
  BasicCuda& operator=(const BasicCuda&) = delete;
  ~BasicCuda() { device_.finish(); }

  /// The team for work on the host.
  Threads& threads() { return threads_; }
  const cuda::DeviceFacts& facts() const { return device_.facts(); }
  cuda::Device& device() { return device_; }
  /// Where parameters, activations and gradients lie.
  std::shared_ptr<Memory> memory() const { return device_.memory(); }
  /// What decides results beside the seed: "NVIDIA H100 80GB HBM3, TF32".
  std::string arithmetic() const {
    const std::string half = exact_storage ? "" : ", " + std::string(to_string(Half));
    return facts().name + half + (tf32_ ? ", TF32" : "") + (scales_loss ? ", loss scale" : "");
  }
  /// The factor on the loss, which training keeps up; may be set before a run.
  LossScale& loss_scale() requires scales_loss { return loss_scale_; }
  /// Waits until all that was queued is done. Throws: Error of any of it.
  void wait() const { device_.work().wait(); }

  /// From now on operations are noted; `hand_over` gives them to the device as one piece of work, and lets later ones
  /// run at once again; `drop` forgets them. Whatever ends on the host or comes from it hands over what was noted so
  /// far. See AsOne. Not where the loss is scaled: such a step is looked at before it counts.
  void gather() requires(!scales_loss) { device_.work().gather(); }
  void hand_over() {
    try {
      device_.make_current();
    } catch (...) {
      drop();
      throw;
    }
    device_.work().hand_over();
  }
  void drop() noexcept { device_.work().drop(); }
  /// Queues a copy of `count` values to the host, which waits for it only where it wants them; and one back.
  using Later = cuda::PinnedSlot;
  void bring_later(Later& later, const float* from, Index count) {
    device_.make_current();
    device_.work().flush();
    later.make_room(to_size(count) * sizeof(float));
    later.download(device_.stream(), from, to_size(count) * sizeof(float));
  }
  void take_back(Later& later, float* to, Index count) {
    device_.make_current();
    device_.work().flush();
    later.upload(device_.stream(), to, to_size(count) * sizeof(float));
  }
  /// Nothing is to be gathered, `because` of the way in which the backend is used. Throws: Error where graphs are on;
  /// where they are automatic, it is said.
  void rule_out_graphs(std::string_view because, std::string_view cure) {
    device_.work().graphs().rule_out(because, cure);
  }

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
  Error refusal(const Gemm<float>& a) const { return cuda::Blas::refusal(a); }
  void run(const Gemm<float>& a) {
    if (a.m == 0 || a.n == 0) return;
    device_.make_current();
    if (a.k > 0)
      blas_.multiply(device_.work(), a, tf32_);
    else if (!a.accumulate)
      cuda::queue(device_, Fill<float>{a.m * a.n, 0.f, a.c});
  }

  bool can(const Conv2dForward<float>& a) const { return cuda::Convolver::takes(a.g); }
  bool can(const Conv2dBackwardData<float>& a) const { return cuda::Convolver::takes(a.g); }
  bool can(const Conv2dBackwardWeights<float>& a) const { return cuda::Convolver::takes(a.g); }
  bool can(const Conv2dNormReluPool<float>& a) const {
    return exact_storage && a.norm.g.relu && cuda::Convolver::takes(a.conv.g);
  }
  /// Of a single convolution.
  template <class Conv>
  requires requires(const Conv& a) { cuda::Convolver::refusal(a.g); }
  Error refusal(const Conv& a) const { return cuda::Convolver::refusal(a.g); }
  void run(const Conv2dForward<float>& a) { convolve(a); }
  void run(const Conv2dBackwardData<float>& a) { convolve(a); }
  void run(const Conv2dBackwardWeights<float>& a) { convolve_exactly(a.g, a); }
  void run(const Conv2dNormReluPool<float>& a) { convolve_exactly(a.conv.g, a); }

 private:
  template <class Op>
  void convolve(const Op& op) {
    if (op.g.n == 0) return;
    device_.make_current();
    if constexpr (exact_storage)
      convolver_.run(device_, op);
    else
      cuda::HalfConvolution<Half, Half == cuda::Storage::f16 && !scales_loss>(device_, convolver_).run(op);
  }
  template <class Op>
  void convolve_exactly(const ConvGeometry& g, const Op& op) {
    if (g.n == 0) return;
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
  LossScale loss_scale_;
};

/// All in float; TF32 where it is asked for.
using Cuda = BasicCuda<>;

}  // namespace sseg

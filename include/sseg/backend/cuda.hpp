#pragma once
#include <concepts>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sseg/backend/cuda/blas.hpp"
#include "sseg/backend/cuda/convolver.hpp"
#include "sseg/backend/cuda/device.hpp"
#include "sseg/backend/cuda/device_loss_scale.hpp"
#include "sseg/backend/cuda/device_probe.hpp"
#include "sseg/backend/cuda/half_convolution.hpp"
#include "sseg/backend/cuda/map_convolution.hpp"
#include "sseg/backend/cuda/queue_columns.hpp"
#include "sseg/backend/cuda/queue_loss_scale.hpp"
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

/// A convolution of maps with values of this type of 16 bits.
template <class Op, class Map>
concept ShortConvolution = !std::same_as<Map, float> && (std::same_as<Op, Conv2dForward<float, Map>> ||
                                                         std::same_as<Op, Conv2dBackwardData<float, Map>> ||
                                                         std::same_as<Op, Conv2dBackwardWeights<float, Map>>);

/// NVIDIA GPUs: float, images NHWC. Convolutions by cuDNN, products by cuBLAS, the rest by kernels of ours, compiled by
/// NVRTC for the device that is there. All tensors of an operation lie in its memory; what is not a tensor (sizes,
/// corrections, cohorts) on the host. Operations are queued on one stream and run after `run` has returned; those that
/// report a value (losses, Dot) wait for it unless they are given a place for it on the device. `wait` waits for all.
///
/// Results: the same bits in every run on one kind of device. What is queued does not depend on the device, but cuDNN
/// and cuBLAS choose their code by it.
///
/// `Half` other than f32: maps and their gradients are kept in 16 bits (`Map`), and convolutions read and write those;
/// weights, moments, statistics, features and losses stay float, products are made in TF32. `Scaling` says how f16,
/// whose range gradients leave, holds them: with `whole_loss` the backend has a LossScale, by which training multiplies
/// the loss, and steps that overflow are skipped. With `each_tensor` maps stay float, and 16 bits have the factors of a
/// convolution alone (HalfConvolution, which also does those of float maps where maps are short).
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
  /// Of the values in maps.
  using Map =
      std::conditional_t<Half == cuda::Storage::bf16, cuda::Bf16, std::conditional_t<scales_loss, cuda::F16, float>>;

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
  /// The factor on the loss, which training keeps up on the device: this waits for it. May be set between steps; the
  /// reference is valid until the next.
  LossScale& loss_scale() requires scales_loss {
    device_.make_current();
    return loss_scale_.read(device_);
  }
  /// Waits until all that was queued is done. Throws: Error of any of it.
  void wait() const { device_.work().wait(); }

  /// From now on operations are noted; `hand_over` gives them to the device as one piece of work, and lets later ones
  /// run at once again; `drop` forgets them. Whatever ends on the host or comes from it hands over what was noted so
  /// far. See AsOne.
  void gather() { device_.work().gather(); }
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
    if (withholds<Op>()) return;
    cuda::queue(device_, op);
  }

  bool can(const ScaleLoss<float>&) requires scales_loss { return true; }
  bool can(const UnscaleGradients<float>&) requires scales_loss { return true; }
  void run(const ScaleLoss<float>& a) requires scales_loss {
    device_.make_current();
    cuda::queue(device_, a, loss_scale_.place(device_));
  }
  void run(const UnscaleGradients<float>& a) requires scales_loss {
    device_.make_current();
    cuda::queue(device_, a, loss_scale_.place(device_), loss_scale_.config());
  }
  /// Until `skip_nothing` operations change nothing where *overflow is not 0, and `missed`, 1 larger then, says how
  /// many updates the ages of AdamW count too much. Updates, averages and copies find that out on the device; before
  /// any other operation the host looks, and waits.
  void skip_updates(const double* overflow, float* missed) requires scales_loss {
    device_.make_current();
    device_.template launch<cuda::kernel::count_missed>(1, overflow, missed);
    device_.set_skip({overflow, missed});
  }
  void skip_nothing() noexcept requires scales_loss {
    device_.set_skip({});
    withheld_.reset();
  }

  bool can(const Gemm<float>& a) const { return cuda::Blas::takes(a); }
  Error refusal(const Gemm<float>& a) const { return cuda::Blas::refusal(a); }
  void run(const Gemm<float>& a) {
    if (a.m == 0 || a.n == 0) return;
    device_.make_current();
    if (withholds<Gemm<float>>()) return;
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

  /// Of maps in 16 bits.
  template <ShortConvolution<Map> Conv>
  bool can(const Conv& a) const {
    return cuda::Convolver::takes(a.g);
  }
  template <ShortConvolution<Map> Conv>
  void run(const Conv& a) {
    if (a.g.n == 0) return;
    device_.make_current();
    cuda::MapConvolution<Half>(device_, convolver_).run(a);
  }

 private:
  /// Operations are to change nothing, and this one does not find that out on the device.
  template <class Op>
  bool withholds() {
    if constexpr (!scales_loss || cuda::skips_by_itself<Op>) return false;
    if (device_.skip().overflow == nullptr) return false;
    if (!withheld_) device_.download(&withheld_.emplace(), device_.skip().overflow, sizeof(double));
    return *withheld_ != 0;
  }
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
  cuda::DeviceLossScale loss_scale_;
  std::optional<double> withheld_;  ///< what the host has seen of skip_updates
};

/// All in float; TF32 where it is asked for.
using Cuda = BasicCuda<>;

}  // namespace sseg

#pragma once
#include <cstdint>
#include <initializer_list>
#include <limits>

#include "sseg/backend/cuda/device.hpp"
#include "sseg/backend/cuda/plan_cache.hpp"
#include "sseg/backend/cuda/queue_columns.hpp"
#include "sseg/backend/cuda/queue_norm.hpp"

namespace sseg::cuda {

/// Convolutions of one device by cuDNN. Images stay NHWC. Weights are stored (kernel, kernel, C, O) and given to cuDNN
/// as (O, kernel, kernel, C): a copy in every call, small beside the image.
class Convolver {
 public:
  explicit Convolver(Device& device, bool tf32) : handle_(device.stream()), tf32_(tf32) {}
  Convolver(const Convolver&) = delete;
  Convolver& operator=(const Convolver&) = delete;
  /// Plans go when nothing runs them any more.
  ~Convolver() { (void)handle_.try_wait(); }

  /// Sizes of a convolution whose tensors cuDNN can number by 31 bits.
  static bool takes(const ConvGeometry& g) { return has_sizes(g) && is_numbered(g); }
  /// Of what `takes` says no to.
  static Error refusal(const ConvGeometry& g) {
    if (!has_sizes(g)) return {"these are no sizes of a convolution", text_of(g), "give a kernel that fits the image"};
    return {"cuDNN numbers the values of a tensor by 31 bits", "convolution, " + text_of(g),
            "put fewer images into a batch, or train on smaller ones"};
  }

  /// Requires, as all of them: takes(g), and an image at least. Throws: Error when cuDNN has no plan or fails.
  void run(Device& d, const Conv2dForward<float>& a) {
    const ConvPlan& plan = plan_of(d, a.bias ? ConvPass::forward_bias : ConvPass::forward, a.g, {a.x, a.y, a.bias});
    float* const w = pack(d, a.g, a.w, nullptr, plan.workspace());
    plan.give(d.work(), handle_, {of(a.x), w, a.y, of(a.bias)}, behind(w, a.g));
  }
  void run(Device& d, const Conv2dBackwardData<float>& a) {
    const ConvPlan& plan = plan_of(d, ConvPass::backward_data, a.g, {a.dy, a.dx});
    float* const w = pack(d, a.g, a.w, nullptr, plan.workspace());
    plan.give(d.work(), handle_, {a.dx, w, of(a.dy)}, behind(w, a.g));
  }
  void run(Device& d, const Conv2dBackwardWeights<float>& a) {
    const ConvPlan& plan = plan_of(d, ConvPass::backward_weights, a.g, {a.x, a.dy});
    float* const dw = room(d, a.g, plan.workspace());
    plan.give(d.work(), handle_, {of(a.x), dw, of(a.dy)}, behind(dw, a.g));
    d.launch<kernel::weights_from_krsc>(blocks_of(a.g.weight_count()), dw, a.dw, a.g.kernel * a.g.kernel, a.g.c, a.g.o);
    if (a.dbias != nullptr) queue(d, SumRows<float>{a.g.n * a.g.out_h() * a.g.out_w(), a.g.o, a.dy, a.dbias});
  }
  /// Evaluation: the norm's scale goes into the weights, its shift into the bias, and cuDNN does the ReLU too. Takes:
  /// norms with a ReLU.
  void run(Device& d, const Conv2dNormReluPool<float>& a) {
    const ConvGeometry& g = a.conv.g;
    const bool pooled = a.norm.g.pool > 1;
    float* const y = pooled ? a.conv.y : a.norm.y;
    const ConvPlan& plan = plan_of(d, ConvPass::forward_bias_relu, g, {a.conv.x, y});
    const Index channels = rounded(g.o);
    float* const w = pack(d, g, a.conv.w, a.norm.scale, plan.workspace() + 2 * bytes_of(channels));
    float* const bias = w + rounded(g.weight_count());
    d.launch<kernel::fold_bias>(blocks_of(g.o), a.conv.bias, a.norm.scale, a.norm.shift, bias, g.o);
    plan.give(d.work(), handle_, {of(a.conv.x), w, y, bias}, bias + channels);
    if (pooled)
      d.launch<kernel::max_pool>(blocks_of(a.norm.g.out_count()), y, a.norm.y, a.norm.g.n, static_cast<int>(a.norm.g.h),
                                 static_cast<int>(a.norm.g.w), static_cast<int>(a.norm.g.c),
                                 static_cast<int>(a.norm.g.pool));
  }

  /// For other ways to feed cuDNN. Throws: Error when it has no plan.
  const ConvPlan& plan(Device& d, const ConvProblem& problem) {
    return plans_.plan(handle_, problem, [&] {  // work may want the plan that goes
      d.work().flush();
      d.work().graphs().forget();
    });
  }
  const CudnnHandle& handle() const { return handle_; }
  std::size_t plans() const { return plans_.size(); }

 private:
  static bool has_sizes(const ConvGeometry& g) {
    return g.n >= 0 && g.h > 0 && g.w > 0 && g.c > 0 && g.o > 0 && g.kernel > 0 && g.stride > 0 && g.pad >= 0 &&
           g.h + 2 * g.pad >= g.kernel && g.w + 2 * g.pad >= g.kernel;
  }
  static bool is_numbered(const ConvGeometry& g) {
    constexpr auto most = static_cast<double>(std::numeric_limits<std::int32_t>::max());
    const auto fits = [&](Index a, Index b, Index c, Index d) {
      return static_cast<double>(a) * static_cast<double>(b) * static_cast<double>(c) * static_cast<double>(d) <= most;
    };
    return fits(g.n, g.h, g.w, g.c) && fits(g.n, g.out_h(), g.out_w(), g.o) && fits(g.kernel, g.kernel, g.c, g.o);
  }

  /// cuDNN's interface has no const.
  static void* of(const float* p) { return const_cast<float*>(p); }
  static std::int64_t bytes_of(Index count) { return static_cast<std::int64_t>(to_size(count) * sizeof(float)); }
  /// Pieces of the workspace begin at multiples of 256 bytes.
  static Index rounded(Index count) { return (count + 63) / 64 * 64; }

  const ConvPlan& plan_of(Device& d, ConvPass pass, const ConvGeometry& g,
                          std::initializer_list<const float*> tensors) {
    int alignment = 16;
    for (const float* t : tensors)
      if (reinterpret_cast<std::uintptr_t>(t) % 16 != 0) alignment = 4;
    return plan(d, {pass, g, Storage::f32, tf32_, alignment});
  }
  float* room(Device& d, const ConvGeometry& g, std::int64_t more) {
    return static_cast<float*>(d.workspace(static_cast<std::size_t>(bytes_of(rounded(g.weight_count())) + more)));
  }
  /// Where cuDNN's own workspace begins.
  static float* behind(float* w, const ConvGeometry& g) { return w + rounded(g.weight_count()); }

  float* pack(Device& d, const ConvGeometry& g, const float* w, const float* factor, std::int64_t more) {
    float* const packed = room(d, g, more);
    d.launch<kernel::weights_to_krsc>(blocks_of(g.weight_count()), w, factor, packed, g.kernel * g.kernel, g.c, g.o);
    return packed;
  }

  CudnnHandle handle_;
  PlanCache plans_;
  bool tf32_;
};

}  // namespace sseg::cuda

#pragma once
#include <utility>

#include "sseg/backend/cuda/convolver.hpp"
#include "sseg/backend/cuda/queue_updates.hpp"
#include "sseg/backend/cuda/short_float.hpp"

namespace sseg::cuda {

/// A convolution of float maps whose factors are rounded to `S` (f16 or bf16) on their way into cuDNN, for tensor
/// cores, and whose result is read back from it; sums are float, and so is everything that is kept: master weights,
/// activations, gradients, moments. With `scaled` gradients are brought into the range of f16 by a power of two made
/// from their largest value, a loss scale for every tensor of its own that needs no tuning and never skips a step
/// (compare Micikevicius et al. 2018, section 3.2). Weight gradients are summed over whole batches, which f16 cannot
/// hold: they are made in float, with TF32's ten bits of mantissa.
template <Storage S, bool scaled>
class HalfConvolution {
  static constexpr int bf16 = S == Storage::bf16 ? 1 : 0;
  using Half = ShortFloat<S>;

 public:
  HalfConvolution(Device& device, Convolver& convolver) : d_(device), by_(convolver) {}

  /// Throws, as the other: Error when cuDNN has no plan or fails.
  void run(const Conv2dForward<float>& a) {
    const Space space = reserve(ConvPass::forward, a.g);
    narrow(a.x, space.image, a.g.in_count(), nullptr);
    pack(a.w, space, a.g);
    convolve(space);
    widen(space.out, a.y, a.bias, nullptr, a.g.out_count(), a.g.o);
  }
  void run(const Conv2dBackwardData<float>& a) {
    const Space space = reserve(ConvPass::backward_data, a.g);
    const float* const scale = scaled ? find_scale(a.dy, a.g.out_count(), space.scale) : nullptr;
    narrow(a.dy, space.out, a.g.out_count(), scale);
    pack(a.w, space, a.g);
    convolve(space);
    widen(space.image, a.dx, nullptr, scale, a.g.in_count(), a.g.c);
  }

 private:
  /// Pieces of the workspace, each at a multiple of 256 bytes.
  struct Space {
    const ConvPlan* plan;
    Half *image, *out, *weights;
    float* scale;
    char* workspace;
  };
  Space reserve(ConvPass pass, const ConvGeometry& g) {
    const ConvPlan& plan = by_.plan(d_, {pass, g, S, false, 16});
    const auto bytes = [](Index count, std::size_t size) { return (to_size(count) * size + 255) / 256 * 256; };
    const std::size_t image = bytes(g.in_count(), 2), out = bytes(g.out_count(), 2),
                      weights = bytes(g.weight_count(), 2), scale = bytes(2 + chunks(g.out_count()), 4);
    char* at =
        static_cast<char*>(d_.workspace(image + out + weights + scale + static_cast<std::size_t>(plan.workspace())));
    const auto next = [&](std::size_t size) { return std::exchange(at, at + size); };
    Space s{};
    s.plan = &plan;
    s.image = reinterpret_cast<Half*>(next(image));
    s.out = reinterpret_cast<Half*>(next(out));
    s.weights = reinterpret_cast<Half*>(next(weights));
    s.scale = reinterpret_cast<float*>(next(scale));
    s.workspace = at;
    return s;
  }
  static Index chunks(Index count) { return (count + sum_chunk - 1) / sum_chunk; }

  void pack(const float* w, const Space& s, const ConvGeometry& g) {
    d_.launch<kernel::weights_to_krsc_of<Half>>(blocks_of(g.weight_count()), w, nullptr, s.weights, g.kernel * g.kernel,
                                                g.c, g.o);
  }
  void narrow(const float* x, Half* y, Index count, const float* scale) {
    d_.launch<kernel::narrow>(blocks_of(count), bf16, x, scale, reinterpret_cast<unsigned short*>(y), count);
  }
  void widen(const Half* x, float* y, const float* bias, const float* scale, Index count, Index cols) {
    d_.launch<kernel::widen>(blocks_of(count), bf16, reinterpret_cast<const unsigned short*>(x), bias, scale, y,
                             count / cols, cols);
  }
  /// Two numbers on the device: the factor, and its inverse.
  const float* find_scale(const float* x, Index count, float* at) {
    float* const partial = at + 2;
    d_.launch<kernel::largest>(blocks_of_rows(chunks(count)), x, partial, count, sum_chunk);
    d_.launch<kernel::scale_of_largest>(1, partial, at, chunks(count));
    return at;
  }
  void convolve(const Space& s) { s.plan->give(d_.work(), by_.handle(), {s.image, s.weights, s.out}, s.workspace); }

  Device& d_;
  Convolver& by_;
};

}  // namespace sseg::cuda

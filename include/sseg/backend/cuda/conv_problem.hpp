#pragma once
#include <array>
#include <string>

#include "sseg/backend/cuda/storage.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cuda {

/// What cuDNN is asked to compute. Images are NHWC; weights KRSC, (O, kernel, kernel, C) with C innermost; a bias is
/// (O). y and the gradients are overwritten.
enum class ConvPass {
  forward,            ///< y = conv(x, w)
  forward_bias,       ///< y = conv(x, w) + bias
  forward_bias_relu,  ///< y = max(conv(x, w) + bias, 0)
  backward_data,      ///< dx, the adjoint in x applied to dy
  backward_weights    ///< dw, the adjoint in w applied to dy
};

constexpr bool has_bias(ConvPass p) { return p == ConvPass::forward_bias || p == ConvPass::forward_bias_relu; }

/// For messages: "n=2 h=9 …".
inline std::string text_of(const ConvGeometry& g) {
  std::string all;
  const auto add = [&](const char* name, Index value) { all += name + std::to_string(value); };
  add("n=", g.n), add(" h=", g.h), add(" w=", g.w), add(" c=", g.c), add(" o=", g.o);
  add(" kernel=", g.kernel), add(" stride=", g.stride), add(" pad=", g.pad);
  return all;
}

/// All that a plan depends on, but for the device: the key of the plan cache.
struct ConvProblem {
  ConvPass pass = ConvPass::forward;
  ConvGeometry g{};
  Storage storage = Storage::f32;
  bool tf32 = false;   ///< f32 values may be rounded to TF32 (10 bits of mantissa) in products, for tensor cores
  int alignment = 16;  ///< bytes that all tensors' addresses are a multiple of
  bool operator==(const ConvProblem&) const = default;
  /// Some order, for maps.
  bool operator<(const ConvProblem& other) const { return values() < other.values(); }

  /// For messages: "convolution forward, f32, n=2 h=9 …".
  std::string text() const {
    const char* const names[]{"forward", "forward with bias", "forward with bias and ReLU", "backward data",
                              "backward weights"};
    std::string all = std::string("cuDNN, convolution ") + names[static_cast<int>(pass)];
    all += ", " + std::string(to_string(storage)) + (tf32 ? " as TF32" : "");
    return all + ", " + text_of(g) + " aligned to " + std::to_string(alignment);
  }

 private:
  std::array<Index, 12> values() const {
    return {static_cast<Index>(pass),    g.n,          g.h,      g.w, g.c, g.o, g.kernel, g.stride, g.pad,
            static_cast<Index>(storage), tf32 ? 1 : 0, alignment};
  }
};

}  // namespace sseg::cuda

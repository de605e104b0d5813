#pragma once
#include <string>

#include "sseg/backend/onednn/library.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::onednn {

enum class ConvPass { forward, backward_data, backward_weights };

/// What a convolution is prepared for.
struct ConvKey {
  ConvPass pass;
  ConvGeometry g;
  bool bias;
  bool operator==(const ConvKey&) const = default;

  /// For messages: "OneDnn, convolution forward, n=2 h=9 …".
  std::string text() const {
    const char* names[]{"forward", "backward data", "backward weights"};
    std::string all = std::string("OneDnn, convolution ") + names[static_cast<int>(pass)];
    const auto add = [&](const char* name, Index value) { all += name + std::to_string(value); };
    add(", n=", g.n), add(" h=", g.h), add(" w=", g.w), add(" c=", g.c), add(" o=", g.o);
    add(" kernel=", g.kernel), add(" stride=", g.stride), add(" pad=", g.pad);
    return all;
  }
};

inline ConvKey key_of(const Conv2dForward<float>& a) { return {ConvPass::forward, a.g, a.bias != nullptr}; }
inline ConvKey key_of(const Conv2dBackwardData<float>& a) { return {ConvPass::backward_data, a.g, false}; }
inline ConvKey key_of(const Conv2dBackwardWeights<float>& a) {
  return {ConvPass::backward_weights, a.g, a.dbias != nullptr};
}

/// Full float precision, whatever ONEDNN_DEFAULT_FPMATH_MODE says, and scratch memory from us.
inline dnnl::primitive_attr attributes() {
  dnnl::primitive_attr all;
  all.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  all.set_fpmath_mode(dnnl::fpmath_mode::strict);
  return all;
}

/// What oneDNN would run for a primitive of these arguments.
template <class Primitive, class... Args>
auto describe(const dnnl::engine& engine, const Args&... args) {
  using Description = typename Primitive::primitive_desc;
#if DNNL_VERSION_MAJOR >= 3
  return Description(engine, args..., attributes());
#else
  return Description(typename Primitive::desc(args...), attributes(), engine);
#endif
}
/// As describe, for a backward pass: oneDNN wants to see the forward one.
template <class Primitive, class Forward, class... Args>
auto describe_after(const Forward& forward, const dnnl::engine& engine, const Args&... args) {
  using Description = typename Primitive::primitive_desc;
#if DNNL_VERSION_MAJOR >= 3
  return Description(engine, args..., forward, attributes());
#else
  return Description(typename Primitive::desc(args...), attributes(), engine, forward);
#endif
}

/// oneDNN's code for one pass of one geometry, and the layouts it wants: images in ours, weights in the one that it
/// likes best (it is up to three times as fast on that as on HWIO).
struct ConvKernel {
  using Layout = dnnl::memory::desc;
  Layout image, map, weights, bias, scratch;  ///< (N, C, H, W), (N, O, H', W'), (O, I, H, W) whatever lies innermost
  dnnl::primitive code;
  std::string implementation;  ///< oneDNN's name of it, as "jit:avx512_core"

  /// `weights_as`: null, or the layout that the weights have already.
  ConvKernel(const dnnl::engine& engine, const ConvKey& key, const Layout* weights_as) {
    using Tag = dnnl::memory::format_tag;
    using dnnl::algorithm, dnnl::convolution_forward, dnnl::convolution_backward_data,
        dnnl::convolution_backward_weights;
    const ConvGeometry& g = key.g;
    const auto direct = algorithm::convolution_direct;
    const dnnl::memory::dims strides{g.stride, g.stride}, pads{g.pad, g.pad};
    image = layout({g.n, g.c, g.h, g.w}, Tag::nhwc);
    map = layout({g.n, g.o, g.out_h(), g.out_w()}, Tag::nhwc);
    if (key.bias) bias = layout({g.o}, Tag::x);
    const Layout any = weights_as ? *weights_as : layout({g.o, g.c, g.kernel, g.kernel}, Tag::any);

    const auto forward = describe<convolution_forward>(engine, dnnl::prop_kind::forward_training, direct, image, any,
                                                       bias, map, strides, pads, pads);
    if (key.pass == ConvPass::forward) {
      take<convolution_forward>(forward, forward.weights_desc());
    } else if (key.pass == ConvPass::backward_data) {
      const auto backward =
          describe_after<convolution_backward_data>(forward, engine, direct, image, any, map, strides, pads, pads);
      take<convolution_backward_data>(backward, backward.weights_desc());
    } else {
      const auto backward = describe_after<convolution_backward_weights>(forward, engine, direct, image, any, bias, map,
                                                                         strides, pads, pads);
      take<convolution_backward_weights>(backward, backward.diff_weights_desc());
    }
  }

  static Layout layout(const dnnl::memory::dims& sizes, dnnl::memory::format_tag tag) {
    return {sizes, dnnl::memory::data_type::f32, tag};
  }

 private:
  template <class Primitive, class Description>
  void take(const Description& description, const Layout& best) {
    weights = best;
    scratch = description.scratchpad_desc();
    implementation = description.impl_info_str();
    code = Primitive(description);
  }
};

}  // namespace sseg::onednn

#pragma once
#include <algorithm>
#include <array>

#include "sseg/backend/onednn/conv_kernel.hpp"
#include "sseg/backend/onednn/library.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::onednn {

/// The tensors of a pass: two of image, map and weights are read, the third is written. bias may be null.
struct ConvTensors {
  const float* image;    ///< x or dx
  const float* map;      ///< y or dy
  const float* weights;  ///< w or dw
  const float* bias;     ///< bias or dbias
};

/// One pass of one geometry, ready to run: oneDNN's code, and the reorder that takes our weights to its layout before,
/// or adds its weight gradient to ours after.
class Convolution {
 public:
  /// Throws: dnnl::error
  Convolution(const dnnl::engine& engine, const ConvKey& key)
      : key_(key),
        kernel_(engine, key),
        image_(slot(engine, kernel_.image)),
        map_(slot(engine, kernel_.map)),
        packed_(slot(engine, kernel_.weights)),
        bias_(slot(engine, kernel_.bias)),
        scratch_(slot(engine, kernel_.scratch)) {
    const ConvGeometry& g = key.g;
    const auto plain = ConvKernel::layout({g.o, g.c, g.kernel, g.kernel}, dnnl::memory::format_tag::hwio);
    weights_ = slot(engine, plain);
    auto how = attributes();
    if (gradient()) {
      dnnl::post_ops add;
      add.append_sum(1.f);
      how.set_post_ops(add);
    }
    const dnnl::reorder::primitive_desc reorder(engine, gradient() ? kernel_.weights : plain, engine,
                                                gradient() ? plain : kernel_.weights, how);
    reorder_ = dnnl::reorder(reorder);
    reorder_scratch_ = slot(engine, reorder.scratchpad_desc());
  }

  const ConvKey& key() const { return key_; }
  const std::string& implementation() const { return kernel_.implementation; }

  /// Floats of workspace.
  Index space() const { return scratch_at() + std::max(floats(scratch_), floats(reorder_scratch_)); }

  /// Throws: dnnl::error
  void run(const dnnl::stream& stream, const ConvTensors& tensors, float* workspace) {
    put(image_, tensors.image), put(map_, tensors.map), put(weights_, tensors.weights), put(packed_, workspace);
    put(scratch_, workspace + scratch_at()), put(reorder_scratch_, workspace + scratch_at());
    float* const sums = workspace + bias_at();
    if (key_.bias) put(bias_, gradient() ? sums : tensors.bias);
    if (!gradient()) reorder(stream, weights_, packed_);
    convolve(stream);
    if (gradient()) {
      reorder(stream, packed_, weights_);
      if (key_.bias)
        for (Index i = 0; i < key_.g.o; ++i) const_cast<float*>(tensors.bias)[i] += sums[i];
    }
  }

 private:
  bool gradient() const { return key_.pass == ConvPass::backward_weights; }

  static dnnl::memory slot(const dnnl::engine& engine, const dnnl::memory::desc& layout) {
    return {layout, engine, nullptr};
  }
  /// oneDNN has one kind of handle, for what is read and what is written.
  static void put(dnnl::memory& slot, const float* data) { slot.set_data_handle(const_cast<float*>(data)); }
  /// Its size, rounded up to cache lines.
  static Index floats(const dnnl::memory& slot) {
    return static_cast<Index>((slot.get_desc().get_size() + 63) / 64 * 16);
  }
  Index bias_at() const { return floats(packed_); }
  Index scratch_at() const { return bias_at() + floats(bias_); }

  template <std::size_t count>
  static void execute(const dnnl::primitive& code, const dnnl::stream& stream,
                      const std::array<dnnl_exec_arg_t, count>& args) {
    dnnl::error::wrap_c_api(dnnl_primitive_execute(code.get(), stream.get(), static_cast<int>(count), args.data()),
                            "could not execute a primitive");
  }
  void reorder(const dnnl::stream& stream, const dnnl::memory& from, const dnnl::memory& to) const {
    execute(reorder_, stream,
            std::array<dnnl_exec_arg_t, 3>{
                {{DNNL_ARG_FROM, from.get()}, {DNNL_ARG_TO, to.get()}, {DNNL_ARG_SCRATCHPAD, reorder_scratch_.get()}}});
  }
  void convolve(const dnnl::stream& stream) const {
    const bool data = key_.pass == ConvPass::backward_data, forward = key_.pass == ConvPass::forward;
    execute(kernel_.code, stream,
            std::array<dnnl_exec_arg_t, 5>{{{data ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, image_.get()},
                                            {forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, map_.get()},
                                            {gradient() ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, packed_.get()},
                                            {gradient() ? DNNL_ARG_DIFF_BIAS : DNNL_ARG_BIAS, bias_.get()},
                                            {DNNL_ARG_SCRATCHPAD, scratch_.get()}}});
  }

  ConvKey key_;
  ConvKernel kernel_;
  dnnl::primitive reorder_;
  dnnl::memory image_, map_, weights_, packed_, bias_, scratch_, reorder_scratch_;
};

}  // namespace sseg::onednn

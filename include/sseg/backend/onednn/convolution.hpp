#pragma once
#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "sseg/backend/onednn/conv_kernel.hpp"
#include "sseg/backend/onednn/library.hpp"
#include "sseg/backend/onednn/one_omp_thread.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::onednn {

/// The tensors of a pass: two of image, map and weights are read, the third is written. bias may be null.
struct ConvTensors {
  const float* image;    ///< x or dx
  const float* map;      ///< y or dy
  const float* weights;  ///< w or dw
  const float* bias;     ///< bias or dbias
};

/// How a batch is cut, from the sizes alone: pieces of `images`, the last of which may have fewer.
struct ConvCut {
  /// Output positions that are worth a weight gradient of their own.
  static constexpr Index least_positions = 512;
  Index images, count;

  ConvCut(const ConvKey& key, Index most_pieces) {
    const ConvGeometry& g = key.g;
    Index pieces = most_pieces;
    if (key.pass == ConvPass::backward_weights)
      pieces = std::clamp<Index>(g.n * g.out_h() * g.out_w() / least_positions, 1, most_pieces);
    images = (g.n + pieces - 1) / pieces;
    count = (g.n + images - 1) / images;
  }
  Index begin(Index piece) const { return piece * images; }
};

/// One pass of one geometry, ready to run by a team: oneDNN's code for each size of piece, and the reorder that takes
/// our weights to its layout before, or adds its weight gradient to ours after.
class Convolution {
 public:
  /// Throws: dnnl::error
  Convolution(const dnnl::engine& engine, const ConvKey& key, Index most_pieces, int workers)
      : key_(key), cut_(key, most_pieces), workers_(workers) {
    add_part(engine, cut_.images, nullptr);
    const Layout packed = parts_[0].kernel.weights;
    const Index rest = key.g.n - cut_.begin(cut_.count - 1);
    if (rest != cut_.images) add_part(engine, rest, &packed);

    const ConvGeometry& g = key.g;
    const auto plain = ConvKernel::layout({g.o, g.c, g.kernel, g.kernel}, dnnl::memory::format_tag::hwio);
    auto how = attributes();
    if (gradient()) {
      dnnl::post_ops add;
      add.append_sum(1.f);
      how.set_post_ops(add);
    }
    const dnnl::reorder::primitive_desc reorder(engine, gradient() ? packed : plain, engine,
                                                gradient() ? plain : packed, how);
    reorder_ = dnnl::reorder(reorder);
    weights_ = slot(engine, plain), packed_ = slot(engine, packed);
    reorder_scratch_ = slot(engine, reorder.scratchpad_desc());
    scratch_floats_ = floats(reorder.scratchpad_desc());
    for (const Part& part : parts_) scratch_floats_ = std::max(scratch_floats_, floats(part.kernel.scratch));
  }

  const ConvKey& key() const { return key_; }
  const std::string& implementation() const { return parts_[0].kernel.implementation; }

  /// Floats of workspace.
  Index space() const { return scratch_at() + workers_ * scratch_floats_; }

  /// One stream for each worker. Throws: dnnl::error
  void run(Threads& threads, const OmpRuntime& runtime, std::span<const dnnl::stream> streams, const ConvTensors& t,
           float* workspace) {
    const OneOmpThread alone(runtime);
    put(weights_, t.weights), put(packed_, workspace), put(reorder_scratch_, workspace + scratch_at());
    if (!gradient()) reorder(streams[0], weights_, packed_);
    threads.run(cut_.count, [&](Index piece, int worker) {
      const OneOmpThread also_alone(runtime);
      convolve(streams[to_size(worker)], t, workspace, piece, worker);
    });
    if (!gradient()) return;
    sum_pieces(threads, workspace, packed_floats());
    reorder(streams[0], packed_, weights_);
    if (!key_.bias) return;
    const float* sums = workspace + bias_at(0);
    for (Index piece = 0; piece < cut_.count; ++piece, sums += bias_floats())
      for (Index i = 0; i < key_.g.o; ++i) const_cast<float*>(t.bias)[i] += sums[i];
  }

 private:
  using Layout = dnnl::memory::desc;
  /// The tensors of one worker.
  struct Slots {
    dnnl::memory image, map, packed, bias, scratch;
  };
  /// Pieces of one size.
  struct Part {
    ConvKernel kernel;
    std::vector<Slots> slots;
  };

  bool gradient() const { return key_.pass == ConvPass::backward_weights; }

  void add_part(const dnnl::engine& engine, Index images, const Layout* weights_as) {
    ConvKey key = key_;
    key.g.n = images;
    Part part{ConvKernel(engine, key, weights_as), {}};
    const ConvKernel& k = part.kernel;
    for (int i = 0; i < workers_; ++i)
      part.slots.push_back({slot(engine, k.image), slot(engine, k.map), slot(engine, k.weights), slot(engine, k.bias),
                            slot(engine, k.scratch)});
    parts_.push_back(std::move(part));
  }

  static dnnl::memory slot(const dnnl::engine& engine, const Layout& layout) { return {layout, engine, nullptr}; }
  /// oneDNN has one kind of handle, for what is read and what is written.
  static void put(dnnl::memory& slot, const float* data) { slot.set_data_handle(const_cast<float*>(data)); }
  /// Its size, rounded up to cache lines.
  static Index floats(const Layout& layout) { return static_cast<Index>((layout.get_size() + 63) / 64 * 16); }

  // Workspace: weights in oneDNN's layout (a gradient: of every piece), sums of bias gradients of every piece, and
  // scratch memory of every worker.
  Index packed_floats() const { return floats(parts_[0].kernel.weights); }
  Index bias_floats() const { return gradient() ? floats(parts_[0].kernel.bias) : 0; }
  Index packed_at(Index piece) const { return gradient() ? piece * packed_floats() : 0; }
  Index bias_at(Index piece) const { return (gradient() ? cut_.count : 1) * packed_floats() + piece * bias_floats(); }
  Index scratch_at() const { return bias_at(cut_.count); }

  template <std::size_t count>
  static void execute(const dnnl::primitive& code, const dnnl::stream& stream,
                      const std::array<dnnl_exec_arg_t, count>& args) {
    dnnl::error::wrap_c_api(dnnl_primitive_execute(code.get(), stream.get(), static_cast<int>(count), args.data()),
                            "could not execute a primitive");
    dnnl::error::wrap_c_api(dnnl_stream_wait(stream.get()), "could not wait for a primitive");
  }
  void reorder(const dnnl::stream& stream, const dnnl::memory& from, const dnnl::memory& to) const {
    execute(reorder_, stream,
            std::array<dnnl_exec_arg_t, 3>{
                {{DNNL_ARG_FROM, from.get()}, {DNNL_ARG_TO, to.get()}, {DNNL_ARG_SCRATCHPAD, reorder_scratch_.get()}}});
  }
  void convolve(const dnnl::stream& stream, const ConvTensors& t, float* workspace, Index piece, int worker) {
    const ConvGeometry& g = key_.g;
    Part& part = piece == cut_.count - 1 ? parts_.back() : parts_.front();
    Slots& s = part.slots[to_size(worker)];
    put(s.image, t.image + cut_.begin(piece) * g.h * g.w * g.c);
    put(s.map, t.map + cut_.begin(piece) * g.out_h() * g.out_w() * g.o);
    put(s.packed, workspace + packed_at(piece));
    if (key_.bias) put(s.bias, gradient() ? workspace + bias_at(piece) : t.bias);
    put(s.scratch, workspace + scratch_at() + worker * scratch_floats_);

    const bool data = key_.pass == ConvPass::backward_data, forward = key_.pass == ConvPass::forward;
    execute(part.kernel.code, stream,
            std::array<dnnl_exec_arg_t, 5>{{{data ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, s.image.get()},
                                            {forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, s.map.get()},
                                            {gradient() ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, s.packed.get()},
                                            {gradient() ? DNNL_ARG_DIFF_BIAS : DNNL_ARG_BIAS, s.bias.get()},
                                            {DNNL_ARG_SCRATCHPAD, s.scratch.get()}}});
  }
  /// first[i] += Σ of the other pieces, in their order.
  void sum_pieces(Threads& threads, float* first, Index count) const {
    if (cut_.count == 1) return;
    constexpr Index parts = 16;
    threads.run(parts, [&](Index i) {
      const Range range = part_of(count, parts, i);
      const float* other = first;
      for (Index piece = 1; piece < cut_.count; ++piece) {
        other += count;
        for (Index j = range.begin; j < range.end; ++j) first[j] += other[j];
      }
    });
  }

  ConvKey key_;
  ConvCut cut_;
  Index workers_;
  std::vector<Part> parts_;
  dnnl::primitive reorder_;
  dnnl::memory weights_, packed_, reorder_scratch_;
  Index scratch_floats_ = 0;
};

}  // namespace sseg::onednn

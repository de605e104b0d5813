#pragma once
#include <algorithm>

#include "sseg/backend/cpu/adamw.hpp"
#include "sseg/backend/cpu/clip.hpp"
#include "sseg/backend/cpu/columns.hpp"
#include "sseg/backend/cpu/conv_choice.hpp"
#include "sseg/backend/cpu/conv_correlate.hpp"
#include "sseg/backend/cpu/conv_weights.hpp"
#include "sseg/backend/cpu/cross_entropy.hpp"
#include "sseg/backend/cpu/elementwise.hpp"
#include "sseg/backend/cpu/frozen_weights.hpp"
#include "sseg/backend/cpu/gelu.hpp"
#include "sseg/backend/cpu/gemm.hpp"
#include "sseg/backend/cpu/masked.hpp"
#include "sseg/backend/cpu/norm_backward.hpp"
#include "sseg/backend/cpu/norm_fold.hpp"
#include "sseg/backend/cpu/norm_forward.hpp"
#include "sseg/backend/cpu/row_products.hpp"
#include "sseg/backend/cpu/rows.hpp"
#include "sseg/backend/cpu/sgd.hpp"
#include "sseg/backend/cpu/softmax.hpp"
#include "sseg/backend/cpu/winograd_correlate.hpp"
#include "sseg/backend/cpu/winograd_weights.hpp"
#include "sseg/backend/norm_relu_pool_backward_data.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// Which kernel runs which operation, with vectors of `Lanes` floats. Without `every_way` there are only the direct
/// convolution and no joint operations: less to compile.
template <int Lanes, bool every_way = true>
struct Kernels {
  Threads& threads;
  Buffer<float>& space;  ///< grows to the largest need seen
  bool winograd;         ///< may Winograd's algorithm be used
  FrozenWeights& frozen;

  /// Whether an operation is worth running as it is: a joint one may keep its parts from their faster way. Others are.
  bool can(const Conv2dMoments<float>& a) const {
    const auto s = Correlation::forward(a.conv.g);
    return !a.extreme || way_of(s, a.pool) == way_of(s, 1);
  }
  bool can(const NormConv2dBackwardWeights<float>& a) const {
    return weights_way(Correlation::forward(a.conv.g)) == ConvWay::direct;
  }

  void run(const Conv2dForward<float>& a) {
    const auto s = Correlation::forward(a.g);
    const StoredOutput out(s, a.y);
    convolve(a, out, workspace(convolve_space(s, out)));
  }
  void run(const Conv2dBackwardData<float>& a) {
    const auto s = Correlation::backward_data(a.g);
    const StoredOutput out(s, a.dx);
    convolve(s, a.dy, {a.w, true}, nullptr, out, workspace(convolve_space(s, out)));
  }
  void run(const Conv2dBackwardWeights<float>& a) {
    const auto s = Correlation::forward(a.g);
    if (weights_way(s) == ConvWay::direct) {
      const GivenGradient dy(s, a.dy);
      correlate_weights<Lanes>(threads, s, a.x, dy, a.dw, workspace(WeightsPlan<Lanes>(s, dy).total(threads.count())));
    } else if constexpr (every_way) {
      const WinogradWeightsPlan<4, Lanes> plan(s);
      winograd_weights<4, Lanes>(threads, s, a.x, a.dy, a.dw, workspace(plan.total(s, threads.count())));
    }
    if (a.dbias) run(SumRows<float>{a.g.n * a.g.out_h() * a.g.out_w(), a.g.o, a.dy, a.dbias});
  }

  void run(const Conv2dMoments<float>& a) requires every_way {
    const auto s = Correlation::forward(a.conv.g);
    const Index before = (2 * MeasuredOutput<Lanes>::space(s, CorrelatePlan<Lanes>::most_pieces) + 15) / 16 * 16;
    const Index needed = before + convolve_space(s, MeasuredOutput<Lanes>(s, a, nullptr));
    float* const space_of_all = workspace(needed);
    const MeasuredOutput<Lanes> out(s, a, reinterpret_cast<double*>(space_of_all));
    const Index pieces = convolve(a.conv, out, space_of_all + before);
    if (pieces > 0)
      out.finish(pieces, a.mean, a.var);
    else
      run(ColumnMoments<float>{0, s.out_c, a.conv.y, a.mean, a.var});
  }
  void run(const Conv2dNormReluPool<float>& a) requires every_way {
    const auto s = Correlation::forward(a.conv.g);
    const PooledOutput<Lanes> out(s, a.norm);
    if (way_of(s, out.align()) != way_of(s, 1)) {
      run(a.conv);  // windows would be cut by tiles: the faster way needs the map
      return run(a.norm);
    }
    convolve(a.conv, out, workspace(convolve_space(s, out)));
  }
  void run(const NormConv2dBackwardWeights<float>& a) requires every_way {
    const auto s = Correlation::forward(a.conv.g);
    NormGradient sums{};
    const GradientThroughNorm<Lanes> dy(a.norm, sums);
    const Index before = (2 * norm_backward_space(a.norm.g) + 15) / 16 * 16;
    float* const space_of_all = workspace(before + WeightsPlan<Lanes>(s, dy).total(threads.count()));
    sums = norm_backward_sums<Lanes>(threads, a.norm, reinterpret_cast<double*>(space_of_all));
    correlate_weights<Lanes>(threads, s, a.conv.x, dy, a.conv.dw, space_of_all + before);
  }

  void run(const Gemm<float>& a) { gemm<Lanes>(threads, a, workspace(GemmPlan<Lanes>(a).total(a, threads.count()))); }
  void run(const AddBias<float>& a) { add_bias<Lanes>(threads, a); }
  void run(const SumRows<float>& a) { sum_rows<Lanes>(threads, a, doubles(column_sums(a.rows, a.cols, 1).space())); }
  void run(const ColumnMoments<float>& a) {
    column_moments<Lanes>(threads, a, doubles(column_sums(a.rows, a.cols, 2).space()));
  }

  void run(const NormFold<float>& a) { norm_fold(a); }
  void run(const RunningUpdate<float>& a) { running_update(a); }
  void run(const NormReluPoolForward<float>& a) { norm_forward<Lanes>(threads, a); }
  void run(const NormReluPoolBackward<float>& a) {
    norm_backward<Lanes>(threads, a, doubles(norm_backward_space(a.g)));
  }
  void run(const NormReluPoolBackwardData<float>& a) { norm_backward_data<Lanes>(threads, a, workspace(2 * a.g.c)); }

  void run(const Copy<float>& a) { copy(threads, a); }
  void run(const Fill<float>& a) { std::fill_n(a.y, a.count, a.value); }
  void run(const ReluForward<float>& a) { relu_forward<Lanes>(threads, a); }
  void run(const ReluBackward<float>& a) { relu_backward<Lanes>(threads, a); }
  void run(const Scale<float>& a) { scale<Lanes>(threads, a); }
  void run(const Add<float>& a) { add<Lanes>(threads, a); }
  void run(const GlobalPoolForward<float>& a) { global_pool_forward<Lanes>(threads, a); }
  void run(const GlobalPoolBackward<float>& a) { global_pool_backward<Lanes>(threads, a); }
  void run(const L2NormalizeForward<float>& a) { l2_normalize_forward<Lanes>(threads, a); }
  void run(const L2NormalizeBackward<float>& a) { l2_normalize_backward<Lanes>(threads, a); }
  void run(const OffDiagonalCrossEntropy<float>& a) { cross_entropy<Lanes>(threads, a, doubles(a.rows)); }
  void run(const Dot<float>& a) { dot_of_all<Lanes>(a); }
  void run(const RowDots<float>& a) { row_dots<Lanes>(threads, a); }
  void run(const ScaleRows<float>& a) { scale_rows<Lanes>(threads, a); }
  void run(const OneHotRows<float>& a) { one_hot_rows(a); }
  void run(const ColumnScores<float>& a) { column_scores(a); }
  void run(const SoftmaxRows<float>& a) { softmax_rows<Lanes>(threads, a); }
  void run(const SoftmaxCrossEntropy<float>& a) { softmax_cross_entropy<Lanes>(threads, a, doubles(a.rows)); }
  void run(const GeluForward<float>& a) { gelu_forward<Lanes>(threads, a); }
  void run(const GeluBackward<float>& a) { gelu_backward<Lanes>(threads, a); }
  void run(const MaskedCopy<float>& a) { masked(a); }
  void run(const MaskedAdd<float>& a) { masked(a); }
  void run(const MaskedRefill<float>& a) { masked(a); }
  void run(const ImportanceAverage<float>& a) { importance_average(a); }
  void run(const AdamWUpdate<float>& a) { adamw_update<Lanes>(threads, a); }
  void run(const AdamWAverageUpdate<float>& a) requires every_way { adamw_average_update<Lanes>(threads, a); }
  void run(const SgdUpdate<float>& a) { sgd_update<Lanes>(threads, a); }
  void run(const ClipNorm<float>& a) { clip_norm<Lanes>(threads, a, doubles(clip_space(a.count))); }
  void run(const EmaUpdate<float>& a) { ema_update<Lanes>(threads, a); }

 private:
  float* workspace(Index floats) {
    space.reserve_at_least(floats);
    return space.data();
  }
  double* doubles(Index count) { return reinterpret_cast<double*>(workspace(2 * count)); }

  ConvWay way_of(const Correlation& s, Index align) const { return choose_way(s, Lanes, every_way && winograd, align); }
  ConvWay weights_way(const Correlation& s) const { return choose_weights_way(s, Lanes, every_way && winograd); }

  /// Floats of workspace that `convolve` needs.
  Index convolve_space(const Correlation& s, const ConvOutput& out) const {
    if constexpr (every_way) {
      const ConvWay way = way_of(s, out.align());
      if (way == ConvWay::winograd2) return WinogradPlan<2, Lanes>(s).total(s, out.scratch(2, 2), threads.count());
      if (way == ConvWay::winograd4) return WinogradPlan<4, Lanes>(s).total(s, out.scratch(4, 4), threads.count());
    }
    return CorrelatePlan<Lanes>(s, out).total(threads.count());
  }
  /// The cheapest way of a correlation; returns the number of the output's pieces.
  Index convolve(const Correlation& s, const float* x, const WeightSource& w, const float* bias, const ConvOutput& out,
                 float* at) {
    if constexpr (every_way) {
      const ConvWay way = way_of(s, out.align());
      if (way == ConvWay::winograd2) return winograd_correlate<2, Lanes>(threads, s, x, w, bias, out, at);
      if (way == ConvWay::winograd4) return winograd_correlate<4, Lanes>(threads, s, x, w, bias, out, at);
    }
    return correlate<Lanes>(threads, s, x, w, bias, out, at);
  }
  Index convolve(const Conv2dForward<float>& a, const ConvOutput& out, float* at) {
    const Correlation s = Correlation::forward(a.g);
    const WeightSource w{a.w, false};
    return convolve(s, a.x, {a.w, false, ready(s, w, out.align())}, a.bias, out, at);
  }

  /// The weights' form for the way of a forward convolution, where they are frozen.
  const float* ready(const Correlation& s, const WeightSource& w, Index align) {
    if (!frozen.covers(w.w)) return nullptr;
    const ConvWay way = way_of(s, align);
    const FrozenWeights::Key key{w.w, static_cast<int>(way), s.kernel, s.in_c, s.out_c};
    if constexpr (every_way) {
      if (way == ConvWay::winograd2) return transformed<2>(s, w, key);
      if (way == ConvWay::winograd4) return transformed<4>(s, w, key);
    }
    return frozen.form(key, packed_count<Lanes>(s), [&](float* packed) {
      for (Index block = 0; block < ChannelBlocks<Lanes>{s.out_c}.count(); ++block) w.pack<Lanes>(s, block, packed);
    });
  }
  template <int M>
  const float* transformed(const Correlation& s, const WeightSource& w, const FrozenWeights::Key& key) {
    const WinogradPlan<M, Lanes> plan(s);
    return frozen.form(key, plan.u(s), [&](float* u) {
      Buffer<float> packed(plan.packed(s));
      transform_filters(threads, s, plan, w, packed.data(), u);
    });
  }
};

}  // namespace sseg::cpu

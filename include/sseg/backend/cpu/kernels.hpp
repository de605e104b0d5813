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
#include "sseg/backend/cpu/gelu.hpp"
#include "sseg/backend/cpu/gemm.hpp"
#include "sseg/backend/cpu/norm_backward.hpp"
#include "sseg/backend/cpu/norm_fold.hpp"
#include "sseg/backend/cpu/norm_forward.hpp"
#include "sseg/backend/cpu/rows.hpp"
#include "sseg/backend/cpu/sgd.hpp"
#include "sseg/backend/cpu/softmax.hpp"
#include "sseg/backend/cpu/winograd_correlate.hpp"
#include "sseg/backend/cpu/winograd_weights.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// Which kernel runs which operation, with vectors of `Lanes` floats.
template <int Lanes>
struct Kernels {
  Threads& threads;
  Buffer<float>& space;  ///< grows to the largest need seen
  bool winograd;         ///< may Winograd's algorithm be used

  void run(const Conv2dForward<float>& a) {
    const auto s = Correlation::forward(a.g);
    convolve(s, a.x, a.bias, a.y, [&](Index block, float* packed) { pack_forward<Lanes>(s, a.w, block, packed); });
  }
  void run(const Conv2dBackwardData<float>& a) {
    const auto s = Correlation::backward_data(a.g);
    convolve(s, a.dy, nullptr, a.dx, [&](Index block, float* packed) { pack_backward<Lanes>(s, a.w, block, packed); });
  }
  void run(const Conv2dBackwardWeights<float>& a) {
    const auto s = Correlation::forward(a.g);
    if (choose_weights_way(s, winograd) == ConvWay::winograd4)
      winograd_weights<4, Lanes>(threads, s, a.x, a.dy, a.dw,
                                 workspace(WinogradWeightsPlan<4, Lanes>(s).total(s, threads.count())));
    else
      correlate_weights<Lanes>(threads, s, a.x, a.dy, a.dw, workspace(WeightsPlan<Lanes>(s).total(threads.count())));
    if (a.dbias) run(SumRows<float>{a.g.n * a.g.out_h() * a.g.out_w(), a.g.o, a.dy, a.dbias});
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
  void run(const SoftmaxRows<float>& a) { softmax_rows<Lanes>(threads, a); }
  void run(const SoftmaxCrossEntropy<float>& a) { softmax_cross_entropy<Lanes>(threads, a, doubles(a.rows)); }
  void run(const GeluForward<float>& a) { gelu_forward<Lanes>(threads, a); }
  void run(const GeluBackward<float>& a) { gelu_backward<Lanes>(threads, a); }
  void run(const AdamWUpdate<float>& a) { adamw_update<Lanes>(threads, a); }
  void run(const SgdUpdate<float>& a) { sgd_update<Lanes>(threads, a); }
  void run(const ClipNorm<float>& a) { clip_norm<Lanes>(threads, a, doubles(clip_space(a.count))); }
  void run(const EmaUpdate<float>& a) { ema_update<Lanes>(threads, a); }

 private:
  float* workspace(Index floats) {
    space.reserve_at_least(floats);
    return space.data();
  }
  double* doubles(Index count) { return reinterpret_cast<double*>(workspace(2 * count)); }
  template <class Pack>
  void convolve(const Correlation& s, const float* x, const float* bias, float* y, Pack&& pack) {
    const ConvWay way = choose_way(s, winograd);
    if (way == ConvWay::direct)
      correlate<Lanes>(threads, s, x, bias, y, workspace(CorrelateSpace<Lanes>(s).total(threads.count())), pack);
    else if (way == ConvWay::winograd2)
      convolve_by_winograd<2>(s, x, bias, y, pack);
    else
      convolve_by_winograd<4>(s, x, bias, y, pack);
  }
  template <int M, class Pack>
  void convolve_by_winograd(const Correlation& s, const float* x, const float* bias, float* y, Pack&& pack) {
    winograd_correlate<M, Lanes>(threads, s, x, bias, y, workspace(WinogradPlan<M, Lanes>(s).total(s, threads.count())),
                                 pack);
  }
};

}  // namespace sseg::cpu

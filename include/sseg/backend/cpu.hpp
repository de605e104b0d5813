#pragma once
#include <algorithm>
#include <string_view>

#include "sseg/backend/cpu/adamw.hpp"
#include "sseg/backend/cpu/clip.hpp"
#include "sseg/backend/cpu/columns.hpp"
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
#include "sseg/backend/ops.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// The CPU backend: float, with vectors of `Lanes` floats and a team of threads. Results do not depend on the number
/// of threads, bit for bit. Keeps a workspace that grows to the largest need seen; no allocation after that.
template <int Lanes>
class BasicCpu {
 public:
  static constexpr std::string_view name = "cpu";
  using Scalar = float;
  using Space = HostSpace;

  /// `threads` = 0 means all the cores this process sees.
  explicit BasicCpu(int threads = 0) : threads_(threads) {}

  /// The team, free between two operations for other work (reading and augmenting images).
  Threads& threads() { return threads_; }

  template <class Op, class Self = BasicCpu>
  requires requires(Self& self, const Op& op) { self.run(op); }
  bool can(const Op&) const { return true; }

  void run(const Conv2dForward<float>& a) {
    const auto s = cpu::Correlation::forward(a.g);
    cpu::correlate<Lanes>(threads_, s, a.x, a.bias, a.y, correlate_space(s),
                          [&](Index block, float* packed) { cpu::pack_forward<Lanes>(s, a.w, block, packed); });
  }
  void run(const Conv2dBackwardData<float>& a) {
    const auto s = cpu::Correlation::backward_data(a.g);
    cpu::correlate<Lanes>(threads_, s, a.dy, nullptr, a.dx, correlate_space(s),
                          [&](Index block, float* packed) { cpu::pack_backward<Lanes>(s, a.w, block, packed); });
  }
  void run(const Conv2dBackwardWeights<float>& a) {
    const auto s = cpu::Correlation::forward(a.g);
    cpu::correlate_weights<Lanes>(threads_, s, a.x, a.dy, a.dw,
                                  workspace(cpu::WeightsPlan<Lanes>(s).total(threads_.count())));
    if (a.dbias) run(SumRows<float>{a.g.n * a.g.out_h() * a.g.out_w(), a.g.o, a.dy, a.dbias});
  }

  void run(const Gemm<float>& a) { cpu::gemm(threads_, a); }
  void run(const AddBias<float>& a) { cpu::add_bias<Lanes>(threads_, a); }
  void run(const SumRows<float>& a) {
    cpu::sum_rows<Lanes>(threads_, a, doubles(cpu::column_sums(a.rows, a.cols, 1).space()));
  }
  void run(const ColumnMoments<float>& a) {
    cpu::column_moments<Lanes>(threads_, a, doubles(cpu::column_sums(a.rows, a.cols, 2).space()));
  }

  void run(const NormFold<float>& a) { cpu::norm_fold(a); }
  void run(const RunningUpdate<float>& a) { cpu::running_update(a); }
  void run(const NormReluPoolForward<float>& a) { cpu::norm_forward<Lanes>(threads_, a); }
  void run(const NormReluPoolBackward<float>& a) {
    cpu::norm_backward<Lanes>(threads_, a, doubles(cpu::norm_backward_space(a.g)));
  }

  void run(const Copy<float>& a) { cpu::copy(threads_, a); }
  void run(const Fill<float>& a) { std::fill_n(a.y, a.count, a.value); }
  void run(const ReluForward<float>& a) { cpu::relu_forward<Lanes>(threads_, a); }
  void run(const ReluBackward<float>& a) { cpu::relu_backward<Lanes>(threads_, a); }
  void run(const Scale<float>& a) { cpu::scale<Lanes>(threads_, a); }
  void run(const Add<float>& a) { cpu::add<Lanes>(threads_, a); }
  void run(const GlobalPoolForward<float>& a) { cpu::global_pool_forward<Lanes>(threads_, a); }
  void run(const GlobalPoolBackward<float>& a) { cpu::global_pool_backward<Lanes>(threads_, a); }
  void run(const L2NormalizeForward<float>& a) { cpu::l2_normalize_forward<Lanes>(threads_, a); }
  void run(const L2NormalizeBackward<float>& a) { cpu::l2_normalize_backward<Lanes>(threads_, a); }
  void run(const OffDiagonalCrossEntropy<float>& a) { cpu::cross_entropy<Lanes>(threads_, a, doubles(a.rows)); }
  void run(const SoftmaxRows<float>& a) { cpu::softmax_rows<Lanes>(threads_, a); }
  void run(const SoftmaxCrossEntropy<float>& a) { cpu::softmax_cross_entropy<Lanes>(threads_, a, doubles(a.rows)); }
  void run(const GeluForward<float>& a) { cpu::gelu_forward<Lanes>(threads_, a); }
  void run(const GeluBackward<float>& a) { cpu::gelu_backward<Lanes>(threads_, a); }
  void run(const AdamWUpdate<float>& a) { cpu::adamw_update<Lanes>(threads_, a); }
  void run(const SgdUpdate<float>& a) { cpu::sgd_update<Lanes>(threads_, a); }
  void run(const ClipNorm<float>& a) { cpu::clip_norm<Lanes>(threads_, a, doubles(cpu::clip_space(a.count))); }
  void run(const EmaUpdate<float>& a) { cpu::ema_update<Lanes>(threads_, a); }

 private:
  float* workspace(Index floats) {
    workspace_.reserve_at_least(floats);
    return workspace_.data();
  }
  double* doubles(Index count) { return reinterpret_cast<double*>(workspace(2 * count)); }
  float* correlate_space(const cpu::Correlation& s) {
    return workspace(cpu::CorrelateSpace<Lanes>(s).total(threads_.count()));
  }

  Threads threads_;
  Buffer<float> workspace_;
};

/// The CPU backend with the widest vectors that this translation unit is compiled for.
using Cpu = BasicCpu<cpu::native_lanes>;

}  // namespace sseg

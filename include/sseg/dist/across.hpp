#pragma once
#include <algorithm>
#include <span>
#include <string_view>
#include <type_traits>

#include "sseg/backend/loss_scale.hpp"
#include "sseg/backend/norm_relu_pool_backward_data.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/concepts/communicator.hpp"
#include "sseg/core/buffer.hpp"

namespace sseg {

/// A backend whose batch lies on all ranks of a communicator: training that is given one is data-parallel.
///   Mpi ranks;  Cpu cpu(2);  Across across(cpu, ranks);  fit = make_fit(across, …)
/// Each rank trains on its part of every batch; losses, gradients and decisions are those of the whole batch
/// (train/all_ranks.hpp), so k ranks with batch B/k do what one does with B. Operations run on the inner backend. Where
/// statistics are shared, those of a batch norm are of the whole batch too (Ioffe & Szegedy 2015 over all ranks): one
/// small message a norm and pass; else of the rank's part, and only the running ones are averaged.
/// With one rank everything is, bit for bit, as on the inner backend. Keeps references to both. Every rank must run the
/// same operations in the same order.
template <Backend B, class C>
class Across {
  static_assert(CheckCommunicator<C>::ok);
  static_assert(std::is_same_v<typename B::Space, typename C::Space>,
                "sseg::Across: backend and communicator must keep their tensors in the same memory space (Space).");

 public:
  static constexpr std::string_view name = "across";
  using Scalar = typename B::Scalar;
  using Space = typename B::Space;

  Across(B& inner, C& communicator, bool share_statistics = true)
      : inner_(&inner), communicator_(&communicator), share_(share_statistics) {}

  B& inner() { return *inner_; }
  C& communicator() { return *communicator_; }
  LossScale& loss_scale() requires ScalesLoss<B> { return inner_->loss_scale(); }
  bool shares_statistics() const { return share_ && communicator_->size() > 1; }
  decltype(auto) threads() requires requires(B& b) { b.threads(); }
  { return inner_->threads(); }

  template <class Op>
  requires Serves<B, Op>
  bool can(const Op& op) { return inner_->can(op); }
  template <class Op>
  requires Serves<B, Op>
  void run(const Op& op) { inner_->run(op); }

  void run(const ColumnMoments<Scalar>& op) {
    inner_->run(op);
    share_moments(op.cols, op.mean, op.var);
  }
  void run(const Conv2dMoments<Scalar>& op) requires Serves<B, Conv2dMoments<Scalar>> {
    inner_->run(op);
    share_moments(op.conv.g.o, op.mean, op.var);
  }
  void run(RunningUpdate<Scalar> op) {
    if (shares_statistics()) op.rows *= communicator_->size();
    inner_->run(op);
  }
  /// The sums over the batch first, then what depends on those of all ranks. Parameter gradients stay the rank's own.
  void run(const NormReluPoolBackward<Scalar>& op) {
    if (!op.batch_statistics || !shares_statistics()) return inner_->run(op);
    const Index c = op.g.c;
    sums_.resize(2 * c);
    NormReluPoolBackward<Scalar> sums = op;
    sums.dx = nullptr, sums.dgamma = sums_.data(), sums.dbeta = sums_.data() + c;
    inner_->run(sums);
    inner_->run(Add<Scalar>{c, sums.dgamma, op.dgamma, op.dgamma});
    inner_->run(Add<Scalar>{c, sums.dbeta, op.dbeta, op.dbeta});
    if (op.dx == nullptr) return;
    communicator_->all_reduce(sums_.span().first(to_size(2 * c)));
    const Index rows = op.g.n * op.g.h * op.g.w * communicator_->size();
    dispatch(*inner_, NormReluPoolBackwardData<Scalar>{op.g, op.x, op.mean, op.inv_std, op.scale, op.shift, op.dy,
                                                       op.dx, sums.dgamma, sums.dbeta, rows});
  }
  /// Without the gradient between them there is no place for a message.
  bool can(const NormConv2dBackwardWeights<Scalar>& op) requires Serves<B, NormConv2dBackwardWeights<Scalar>> {
    return !shares_statistics() && inner_->can(op);
  }

 private:
  /// From each rank's moments over equally many rows to those over all: μ = mean μ_r, σ² = mean (σ²_r + (μ_r − μ)²).
  void share_moments(Index channels, Scalar* mean, Scalar* var) {
    if (!shares_statistics()) return;
    const Index k = communicator_->size(), n = 2 * channels;
    sums_.reserve_at_least(n);
    gathered_.reserve_at_least(k * n);
    std::copy_n(mean, channels, sums_.data());
    std::copy_n(var, channels, sums_.data() + channels);
    const std::span<Scalar> all = gathered_.span().first(to_size(k * n));
    communicator_->all_gather(std::span<const Scalar>(sums_.data(), to_size(n)), all);
    for (Index c = 0; c < channels; ++c) {
      double m = 0, v = 0;
      for (Index r = 0; r < k; ++r) m += static_cast<double>(gathered_[r * n + c]) / static_cast<double>(k);
      for (Index r = 0; r < k; ++r) {
        const double off = static_cast<double>(gathered_[r * n + c]) - m;
        v += (static_cast<double>(gathered_[r * n + channels + c]) + off * off) / static_cast<double>(k);
      }
      mean[c] = static_cast<Scalar>(m);
      var[c] = static_cast<Scalar>(v);
    }
  }

  B* inner_;
  C* communicator_;
  bool share_;
  Buffer<Scalar> sums_, gathered_;
};

}  // namespace sseg

#pragma once
#include <span>
#include <string_view>

#include "sseg/backend/loss_scale.hpp"
#include "sseg/backend/norm_relu_pool_backward_data.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/backend/rank_moments.hpp"
#include "sseg/backend/reserve_for.hpp"
#include "sseg/dist/tensor_ranks.hpp"

namespace sseg {

/// A backend whose batch lies on all ranks of a communicator: training that is given one is data-parallel.
///   Mpi ranks;  Cpu cpu(2);  Across across(cpu, ranks);  fit = make_fit(across, …)
/// Each rank trains on its part of every batch; losses, gradients and decisions are those of the whole batch
/// (train/all_ranks.hpp), so k ranks with batch B/k do what one does with B. Operations run on the inner backend. Where
/// statistics are shared, those of a batch norm are of the whole batch too (Ioffe & Szegedy 2015 over all ranks): one
/// small message a norm and pass; else of the rank's part, and only the running ones are averaged.
/// Gradients are summed in buckets while the backward pass runs, which changes no bit (GradientSum).
/// The inner backend may keep its tensors on a device: a communicator that reaches there (Nccl) leaves them there, any
/// other gets them over the host, and then steps cannot be gathered, nor become CUDA graphs.
/// With one rank everything is, bit for bit, as on the inner backend. Keeps references to both. Every rank must run the
/// same operations in the same order.
template <Backend B, class C>
class Across {
 public:
  static constexpr std::string_view name = "across";
  using Scalar = typename B::Scalar;
  using Space = typename B::Space;

  /// Parameters whose gradients are summed at once: 256 KiB. Smaller ones cost messages, larger ones begin later.
  static constexpr Index usual_bucket = Index{1} << 16;

  /// `bucket`: parameters whose gradients are summed at once; 0: all of them, after the backward pass. Throws: Error,
  /// also when the inner backend is to get its steps as graphs, and cannot.
  Across(B& inner, C& communicator, bool share_statistics = true, Index bucket = usual_bucket)
      : inner_(&inner), communicator_(&communicator), tensors_(inner, communicator, bucket), share_(share_statistics) {
    if constexpr (GathersWork<B> && !TensorRanks<B, C>::stays_away)
      inner.rule_out_graphs(  // for as long as `inner` lives
          "ranks send what lies on it over the host",
          "send over NCCL (--communicator nccl), or give cuda_graph auto or off");
  }

  B& inner() { return *inner_; }
  LossScale& loss_scale() requires ScalesLoss<B> { return inner_->loss_scale(); }
  void skip_updates(const double* overflow, Scalar* missed) requires ScalesLossAway<B> {
    inner_->skip_updates(overflow, missed);
  }
  void skip_nothing() noexcept requires ScalesLossAway<B> { inner_->skip_nothing(); }
  /// For what lies on the host: decisions.
  auto& communicator() { return host_of(*communicator_); }
  /// For what lies where the backend's arrays do.
  TensorRanks<B, C>& tensors() { return tensors_; }
  /// A backward pass adds no more to these gradients.
  void gradients_done(std::span<const Scalar> dw) { tensors_.done(dw); }
  auto memory() requires HasMemory<B> { return inner_->memory(); }
  void gather() requires(GathersWork<B>&& TensorRanks<B, C>::stays_away) { inner_->gather(); }
  void hand_over() requires(GathersWork<B>&& TensorRanks<B, C>::stays_away) { inner_->hand_over(); }
  void drop() noexcept requires(GathersWork<B>&& TensorRanks<B, C>::stays_away) { inner_->drop(); }
  bool shares_statistics() const { return share_ && communicator_->size() > 1; }
  decltype(auto) threads() requires requires(B& b) { b.threads(); }
  { return inner_->threads(); }

  template <class Op>
  requires Serves<B, Op>
  bool can(const Op& op) { return inner_->can(op); }
  template <class Op>
  requires Serves<B, Op>
  void run(const Op& op) { inner_->run(op); }

  template <class Op>
  requires requires(B& b, const Op& op) { b.refusal(op); }
  Error refusal(const Op& op) { return inner_->refusal(op); }

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
    reserve_for(*inner_, sums_, 2 * c);
    dispatch(*inner_, Fill<Scalar>{2 * c, Scalar{}, sums_.data()});
    NormReluPoolBackward<Scalar> sums = op;
    sums.dx = nullptr, sums.dgamma = sums_.data(), sums.dbeta = sums_.data() + c;
    inner_->run(sums);
    inner_->run(Add<Scalar>{c, sums.dgamma, op.dgamma, op.dgamma});
    inner_->run(Add<Scalar>{c, sums.dbeta, op.dbeta, op.dbeta});
    if (op.dx == nullptr) return;
    tensors_.all_reduce(sums_.span().first(to_size(2 * c)));
    const Index rows = op.g.n * op.g.h * op.g.w * communicator_->size();
    dispatch(*inner_, NormReluPoolBackwardData<Scalar>{op.g, op.x, op.mean, op.inv_std, op.scale, op.shift, op.dy,
                                                       op.dx, sums.dgamma, sums.dbeta, rows});
  }
  /// Without the gradient between them there is no place for a message.
  bool can(const NormConv2dBackwardWeights<Scalar>& op) requires Serves<B, NormConv2dBackwardWeights<Scalar>> {
    return !shares_statistics() && inner_->can(op);
  }

 private:
  /// From each rank's moments over equally many rows to those over all.
  void share_moments(Index channels, Scalar* mean, Scalar* var) {
    if (!shares_statistics()) return;
    const Index k = communicator_->size(), n = 2 * channels;
    reserve_for(*inner_, sums_, n);
    reserve_for(*inner_, gathered_, k * n);
    dispatch(*inner_, Copy<Scalar>{channels, mean, sums_.data()});
    dispatch(*inner_, Copy<Scalar>{channels, var, sums_.data() + channels});
    tensors_.all_gather(std::span<const Scalar>(sums_.data(), to_size(n)), gathered_.span().first(to_size(k * n)));
    combine({channels, k, gathered_.data(), mean, var});
  }
  void combine(const RankMoments<Scalar>& op) {
    if constexpr (Serves<B, RankMoments<Scalar>>)
      inner_->run(op);
    else if constexpr (HasMemory<B>)
      combine_over_host(op);
    else
      combine_moments(op);
  }
  void combine_over_host(RankMoments<Scalar> op) {
    const auto memory = memory_of(*inner_);
    const Index n = 2 * op.channels, all = op.ranks * n;
    const std::size_t bytes = to_size(op.channels) * sizeof(Scalar);
    on_host_.reserve_at_least(all + n);
    memory->download(on_host_.data(), op.all, to_size(all) * sizeof(Scalar));
    Scalar* const there[2] = {op.mean, op.var};
    op.all = on_host_.data(), op.mean = on_host_.data() + all, op.var = op.mean + op.channels;
    combine_moments(op);
    memory->upload(there[0], op.mean, bytes);
    memory->upload(there[1], op.var, bytes);
  }

  B* inner_;
  C* communicator_;
  TensorRanks<B, C> tensors_;
  bool share_;
  Buffer<Scalar> sums_, gathered_, on_host_;
};

}  // namespace sseg

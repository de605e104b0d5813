#pragma once
#include <vector>

#include "sseg/backend/from_host.hpp"
#include "sseg/core/error.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/trace.hpp"
#include "sseg/ssl/repel.hpp"
#include "sseg/train/all_ranks.hpp"
#include "sseg/train/brought_views.hpp"
#include "sseg/train/global_loss.hpp"
#include "sseg/train/loss_shares.hpp"

namespace sseg {

/// The forward and backward pass of a path that is pushed away from the averaged teacher (`Repel`), at the level of the
/// backbone's features: heads take no part and get no gradient. Owns the workspace; the first call sizes it, later
/// calls of the same shapes do not allocate.
///   z = backbone(pair; path),  t = backbone(pair; teacher),  path.grad = ∂L/∂path,  pair: the first two global views
template <class T>
class RepelPass {
 public:
  /// L, and its gradient in `path.grad`, which is overwritten; nothing reaches the teacher. Both nets run with the
  /// statistics of the batch, and the path's running statistics move. Throws: Error when the loss is not finite.
  template <class B, class Readout, class V>
  double run(B& backend, const EvolvableCnn<Readout>& cnn, ParamStore<T>& path, ParamStore<T>& teacher, const V& views,
             const Repel& loss) {
    start(backend, cnn, path, teacher, views, loss);
    std::vector<double> there(to_size(value_.size()));
    value_.download(there);
    return shares_.loss(there);
  }
  /// The same, but on a backend with memory of its own nobody waits for the loss, or looks whether it is finite.
  template <class B, class Readout, class V>
  void start(B& backend, const EvolvableCnn<Readout>& cnn, ParamStore<T>& path, ParamStore<T>& teacher, const V& views,
             const Repel& loss) {
    require(views.global && views.images >= 1 && views.global.shape[0] >= 2 * views.images,
            "a path needs two global views of every image", "RepelPass",
            "ask the ViewSet for at least two global views");
    Shape pair = views.global.shape;
    pair.extent[0] = 2 * views.images;
    const View<const T> x = bring(backend, views, pair);
    const Shape out = cnn.out_shape(pair);
    for (Buffer<T>* rows : {&z_, &t_, &dz_}) reserve_for(backend, *rows, out.count());
    reserve_for(backend, scratch_, loss.scratch(out));
    const View<T> z{z_.data(), out}, t{t_.data(), out}, dz{dz_.data(), out};
    trace_.forward_into(backend, cnn, path, x, z, true);
    teacher_trace_.forward_into(backend, cnn, teacher, x, t, false);

    LossArgs<T> a{};
    a.z = z, a.dz = dz, a.teacher = t;
    a.scratch = scratch_.span();
    const AllRanks<B> ranks(backend);
    if constexpr (LeavesLosses<B>) {
      value_.lie_in(memory_of(backend));
      value_.resize(1);
      a.sum = value_.data();
    } else {
      value_ = Buffer<double>();  // of another backend
    }
    shares_.start(1);
    shares_.weights[0] = 1;
    shares_.returned[0] = global_.run(backend, loss, a);
    if (a.sum == nullptr) (void)shares_.loss();
    if constexpr (LeavesLosses<B>) shares_.ranks[0] = static_cast<double>(ranks.size());  // of each its own part's mean
    path.zero_grad();
    ranks.begin_sum_of_losses(value_.span());  // until the gradients are summed
    ranks.sum_gradients(path.grad, cnn.param_count(), [&] { trace_.backward_from(backend, cnn, path, x, z, dz); });
    ranks.settle_statistics(path.state);
  }

  /// The loss of the last pass as it was left.
  LossPart part() const { return {shares_, value_.span(), {}}; }

 private:
  template <class B, class V>
  View<const T> bring(B& backend, const V& views, Shape pair) {
    return pictures_(backend, View<const T>{views.global.data, pair});
  }
  template <class B>
  static View<const T> bring(B&, const BroughtViews<T>& views, Shape pair) {
    return {views.global.data, pair};
  }

  Trace<T> trace_, teacher_trace_;
  FromHost<T> pictures_;
  GlobalLoss<T> global_;
  Buffer<T> z_, t_, dz_, scratch_;
  Buffer<double> value_;  ///< where the loss is left, away from the host
  LossShares shares_{.weights = {},
                     .returned = {},
                     .ranks = {},
                     .whose = "the loss of the negative path",
                     .where = "RepelPass",
                     .cure = "lower the learning rate or raise nase.router.negative_temperature"};
};

}  // namespace sseg

#pragma once
#include <cmath>
#include <span>

#include "sseg/backend/from_host.hpp"
#include "sseg/core/error.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/trace.hpp"
#include "sseg/ssl/repel.hpp"
#include "sseg/train/all_ranks.hpp"
#include "sseg/train/brought_views.hpp"
#include "sseg/train/global_loss.hpp"

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
    double there = 0;
    if (value_.size() > 0) value_.download(std::span(&there, 1));
    return finite(returned_ + there / ranks_);
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
    returned_ = global_.run(backend, loss, a);
    if (a.sum == nullptr) finite(returned_);
    ranks_ = LeavesLosses<B> ? static_cast<double>(ranks.size()) : 1;  // of each its own part's mean
    path.zero_grad();
    ranks.begin_sum_of_losses(value_.span());  // until the gradients are summed
    ranks.sum_gradients(path.grad, cnn.param_count(), [&] { trace_.backward_from(backend, cnn, path, x, z, dz); });
    ranks.settle_statistics(path.state);
  }

 private:
  template <class B, class V>
  View<const T> bring(B& backend, const V& views, Shape pair) {
    return pictures_(backend, View<const T>{views.global.data, pair});
  }
  template <class B>
  static View<const T> bring(B&, const BroughtViews<T>& views, Shape pair) {
    return {views.global.data, pair};
  }
  static double finite(double value) {
    require(std::isfinite(value), "the loss of the negative path is not finite", "RepelPass",
            "lower the learning rate or raise nase.router.negative_temperature");
    return value;
  }

  Trace<T> trace_, teacher_trace_;
  FromHost<T> pictures_;
  GlobalLoss<T> global_;
  Buffer<T> z_, t_, dz_, scratch_;
  Buffer<double> value_;  ///< where the loss is left, away from the host
  double returned_ = 0, ranks_ = 1;
};

}  // namespace sseg

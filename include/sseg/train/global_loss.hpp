#pragma once
#include <span>

#include "sseg/augment/two_views.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/backend/reserve_for.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/train/all_ranks.hpp"
#include "sseg/train/rows_of_all.hpp"

namespace sseg {

/// Runs a loss over the batch of all ranks. Afterwards every rank has the loss of the whole batch, and in `dz` that
/// loss's gradient in its own outputs: the parameter gradients of the ranks add up to the whole one's.
/// A loss that is a mean over images runs on the rank's own, and value and memory are averaged. One that adds up over
/// rows compares the rank's own with those of all. Any other sees the outputs of all ranks, gathered, so it costs each
/// rank as much as one process that has the whole batch. On a backend without ranks the loss is just called. Where
/// losses are left (LeavesLosses) each rank has its part of the value, which `Value` says how to put together. Owns the
/// workspace; no allocation after the first call of a size.
template <class T>
class GlobalLoss {
 public:
  /// What a rank has of the value before ranks talk of it: an addend of a mean or of a sum, or all of it.
  enum class Value { mean, sum, whole };
  template <class Loss, class B>
  static constexpr Value value_of = mean_over_images<Loss>    ? Value::mean
                                    : AddsUpOverRows<Loss, B> ? Value::sum
                                                              : Value::whole;

  template <class B, class Loss>
  double run(B& backend, const Loss& loss, const LossArgs<T>& a) {
    if constexpr (OnRanks<B>)
      if (const AllRanks<B> ranks(backend); ranks.size() > 1) return shared(backend, ranks, loss, a);
    return loss(backend, a);
  }

 private:
  template <class B, class Loss>
  double shared(B& backend, const AllRanks<B>& ranks, const Loss& loss, const LossArgs<T>& a) {
    if constexpr (value_of<Loss, B> == Value::mean)
      return averaged(backend, ranks, loss, a);
    else if constexpr (value_of<Loss, B> == Value::sum)
      return by_rows(backend, ranks, loss, a);
    else
      return gathered(backend, ranks, loss, a);
  }

  template <class B, class Loss>
  double averaged(B& backend, const AllRanks<B>& ranks, const Loss& loss, const LossArgs<T>& a) {
    double value = loss(backend, a);
    if constexpr (!LeavesLosses<B>) ranks.mean(std::span<double>(&value, 1));
    ranks.mean_tensor(a.memory);
    dispatch(backend, Scale<T>{a.dz.shape.count(), T{1} / static_cast<T>(ranks.size()), a.dz.data, a.dz.data, false});
    return value;
  }

  template <class B, class Loss>
  double by_rows(B& backend, const AllRanks<B>& ranks, const Loss& loss, LossArgs<T> a) {
    const Index rows = a.z.shape[0], first = ranks.rank() * rows;
    const Shape whole{ranks.size() * rows, a.z.shape[1]};
    reserve_for(backend, by_rank_, whole.count());
    reserve_for(backend, dz_, whole.count());
    reserve_for(backend, scratch_, loss.part_scratch(a.z.shape, whole));
    const View<T> all{by_rank_.data(), whole}, d_unit{dz_.data(), whole};
    ranks.gather_tensor(a.z.flat(), all.flat());
    a.scratch = scratch_.span();
    a.positive = positive_rows(backend, rows, ranks.size());
    double value = loss.part(backend, a, all, first, d_unit);
    if constexpr (!LeavesLosses<B>) ranks.sum(std::span<double>(&value, 1));
    ranks.sum_tensor(d_unit.flat());
    loss.finish_part(backend, a, all, first, d_unit);
    return value;
  }

  template <class B, class Loss>
  double gathered(B& backend, const AllRanks<B>& ranks, const Loss& loss, const LossArgs<T>& a) {
    const Index n = a.images > 0 ? a.images : a.z.shape[0] / 2;
    LossArgs<T> all = a;
    all.images = n * ranks.size();
    all.z = z_(backend, a.z, n);
    if (a.teacher) all.teacher = teacher_(backend, a.teacher, n);
    reserve_for(backend, dz_, all.z.shape.count());
    all.dz = {dz_.data(), all.z.shape};
    reserve_for(backend, scratch_, loss.scratch(all.z.shape));
    all.scratch = scratch_.span();
    all.positive = positive_rows(backend, 2 * all.images, 1);
    const double value = loss(backend, all);
    const Index block = n * a.z.shape[1], views = a.z.shape[0] / n;
    for (Index v = 0; v < views; ++v)
      dispatch(backend, Copy<T>{block, all.dz.data + (v * ranks.size() + ranks.rank()) * block, a.dz.data + v * block});
    return value;
  }

  /// Of `parts` pairs of views after each other, each of `rows` rows, where the backend's arrays lie.
  template <class B>
  std::span<const Index> positive_rows(B& backend, Index rows, Index parts) {
    if (positive_.size() != parts * rows || positive_.memory() != memory_of(backend)) {
      positive_.lie_in(nullptr);
      positive_.resize(parts * rows);
      for (Index i = 0; i < parts * rows; ++i) positive_[i] = i / rows * rows + TwoViews::positive(i % rows, rows);
      positive_.move_to(memory_of(backend));
    }
    return positive_.span();
  }

  RowsOfAll<T> z_, teacher_;
  Buffer<T> by_rank_, dz_, scratch_;
  Buffer<Index> positive_;
};

}  // namespace sseg

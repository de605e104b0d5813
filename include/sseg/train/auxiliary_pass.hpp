#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "sseg/evolve/auxiliary_gradients.hpp"
#include "sseg/train/all_ranks.hpp"
#include "sseg/train/head_pass.hpp"
#include "sseg/train/step.hpp"

namespace sseg {

namespace detail {

/// dz:(R, out) of the head's first layer: the loss's gradient at its output, from that at the head's output, which
/// `pass` holds; h:(R, in) is what the head read. Adds to `student.grad`.
template <class B, class T, class... Ls>
void entry_gradient(B& backend, const Chain<Linear, Ls...>& head, ParamStore<T>& student, Seat seat,
                    const HeadPass<T>& pass, View<const T> h, T* dz) {
  const View<const T> d_out = pass.loss_gradient(head.out_shape(h.shape));
  if constexpr (sizeof...(Ls) == 0) {
    dispatch(backend, Copy<T>{d_out.shape.count(), d_out.data, dz});
  } else {
    const Linear& entry = std::get<0>(head.layers);
    const Shape z = entry.out_shape(h.shape);
    Buffer<T> first;
    reserve_for(backend, first, z.count());
    const auto w = piece<const T>(student.value.span(), seat.param, entry.param_count());
    entry.forward(backend, Forward<T>{h, {first.data(), z}, w, {}, {}, {}, {}});
    seat.param += entry.param_count();
    seat.params -= entry.param_count();
    const auto rest = std::apply([](const Linear&, const Ls&... others) { return chain(others...); }, head.layers);
    HeadPass<T> tail;
    const View<const T> x{first.data(), z};
    tail.forward(backend, rest, student, seat, x);
    dispatch(backend, Copy<T>{d_out.shape.count(), d_out.data, tail.gradient(d_out.shape).data});
    tail.backward(backend, rest, student, seat, x, dz);
  }
}

}  // namespace detail

/// The matrices that WidenGradMax looks at, from a step that was just run: of every stage's readers inside the backbone
/// and, for the last stage, of every head that looks at global views. Not for every step: it allocates, and it leaves
/// `student.grad` overwritten.
template <class T>
class AuxiliaryPass {
 public:
  /// Valid until the next call. `views`: those of the step, where the backend's arrays lie.
  template <class B, class Readout, class... Terms, class V>
  std::vector<AuxiliaryView> run(B& backend, const Learner<Readout, Heads<Terms...>>& net, ParamStore<T>& student,
                                 Step<T>& step, const V& views, const Objective<Terms...>& objective, Progress at) {
    all_ = {};
    const auto& cnn = backbone(net);
    all_.add(backend, cnn, student, views.global, step.feature_gradient());
    const Index last = stages(cnn).size() - 1, channels = width(stages(cnn)[last]);
    step.each_head(net, objective, at, [&](const auto& head, Seat seat, const HeadPass<T>& pass, View<const T> h) {
      const Linear& entry = std::get<0>(head.layers);
      dz_.lie_in(memory_of(backend));
      dz_.resize(views.global.shape[0] * entry.out);  // 0 for the views that this head does not see
      detail::entry_gradient(backend, head, student, seat, pass, h, dz_.data());
      all_.of_stage(last).add(backend, entry, channels, View<const T>{dz_.data(), {views.global.shape[0], entry.out}});
    });
    all_.drop_tensors();
    dz_ = {};
    const AllRanks<B> ranks(backend);
    all_.each_sum([&](std::span<double> sums) { ranks.sum(sums); });
    return all_.views();
  }

 private:
  AuxiliaryGradients<T> all_;
  Buffer<T> dz_;
};

}  // namespace sseg

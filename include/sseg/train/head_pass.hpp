#pragma once
#include "sseg/backend/ops.hpp"
#include "sseg/backend/reserve_for.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/net/param_store.hpp"
#include "sseg/net/walk.hpp"

namespace sseg {

/// The workspace of one head: from features h:(R, D) to a loss, and back to ∂loss/∂h. Grows once.
template <class T>
class HeadPass {
 public:
  /// z = head(h), kept for `backward`. `seat`: the head's place in the store, whose running statistics move where
  /// `update_state` says so.
  template <class B, class Head>
  View<const T> forward(B& backend, const Head& head, ParamStore<T>& store, const Seat& seat, View<const T> h,
                        bool update_state = false) {
    return run(backend, head, store, seat, h, z_,
               update_state ? piece<T>(store.state.span(), seat.state, seat.states) : std::span<T>{});
  }
  /// The teacher's outputs: nothing is kept for a backward pass.
  template <class B, class Head>
  View<const T> teach(B& backend, const Head& head, const ParamStore<T>& store, const Seat& seat, View<const T> h) {
    return run(backend, head, store, seat, h, teacher_, {});
  }

  /// Space for ∂loss/∂z and for the loss, where `forward` has put z.
  View<T> gradient(Shape z) {
    dz_.lie_in(z_.memory());
    dz_.reserve_at_least(z.count());
    return {dz_.data(), z};
  }
  /// ∂loss/∂z of the last pass.
  View<const T> loss_gradient(Shape z) const { return {dz_.data(), z}; }
  std::span<T> loss_scratch(Index count) {
    loss_scratch_.lie_in(z_.memory());
    loss_scratch_.reserve_at_least(count);
    return loss_scratch_.span().first(to_size(count));
  }

  /// Adds the head's parameter gradients to the store, and ∂loss/∂h to `dh`. Requires: `forward` was the last pass.
  template <class B, class Head>
  void backward(B& backend, const Head& head, ParamStore<T>& store, const Seat& seat, View<const T> h, T* dh) {
    reserve_for(backend, dh_, h.shape.count());
    const Shape out = head.out_shape(h.shape);
    head.backward(backend, Backward<T>{h,
                                       {z_.data(), out},
                                       {dz_.data(), out},
                                       {dh_.data(), h.shape},
                                       piece<const T>(store.value.span(), seat.param, seat.params),
                                       piece<T>(store.grad.span(), seat.param, seat.params),
                                       piece<const T>(store.state.span(), seat.state, seat.states),
                                       keep_.span(),
                                       scratch_.span(),
                                       Mode::train});
    dispatch(backend, Add<T>{h.shape.count(), dh_.data(), dh, dh});
  }

 private:
  template <class B, class Head>
  View<const T> run(B& backend, const Head& head, const ParamStore<T>& store, const Seat& seat, View<const T> h,
                    Buffer<T>& out, std::span<T> state_next) {
    const Shape shape = head.out_shape(h.shape);
    reserve_for(backend, out, shape.count());
    reserve_for(backend, keep_, head.keep(h.shape));
    reserve_for(backend, scratch_, head.scratch(h.shape));
    head.forward(backend, Forward<T>{h,
                                     {out.data(), shape},
                                     piece<const T>(store.value.span(), seat.param, seat.params),
                                     piece<const T>(store.state.span(), seat.state, seat.states),
                                     state_next,
                                     keep_.span(),
                                     scratch_.span(),
                                     Mode::train});
    return {out.data(), shape};
  }

  Buffer<T> keep_, scratch_, z_, teacher_, dz_, dh_, loss_scratch_;
};

}  // namespace sseg

#pragma once
#include <span>
#include <utility>

#include "sseg/backend/freeze.hpp"
#include "sseg/backend/reserve_for.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/net/net_input.hpp"
#include "sseg/net/param_store.hpp"

namespace sseg {

/// A trained net that is only used from now on: y = net(x) in evaluation mode. It owns the weights, which cannot change
/// any more, so a backend that can `freeze` them brings them into the form its kernels read once and not at every call,
/// and what a shape needs is worked out once. Gradients and moments are let go. The backend must outlive it.
template <class B, class Net>
class FrozenNet {
 public:
  using T = typename B::Scalar;

  FrozenNet(B& backend, Net net, ParamStore<T> store)
      : backend_(&backend),
        net_(std::move(net)),
        store_(placed(backend, std::move(store))),
        hold_(freeze_weights(backend, weights())) {
    static_assert(CheckRuns<Net, B>::ok);
  }

  /// Bit for bit what `Trace::infer` gives. The view is valid until the next call. Does not allocate for pictures of a
  /// size seen before, no more of them than before.
  View<const T> operator()(View<const T> x) {
    if (!(x.shape == in_)) prepare(x.shape);
    using X = typename NetInput<T>::template Value<B, Net>;
    const View<T> y{y_.data(), out_};
    net_.forward(*backend_, Forward<T, X, T>{input_.bring(*backend_, net_, x),
                                             y,
                                             weights(),
                                             store_.state.span(),
                                             {},
                                             keep_.span(),
                                             scratch_.span(),
                                             Mode::eval,
                                             false});
    return y;
  }
  Shape out_shape(Shape x) const { return net_.out_shape(x); }
  const Net& net() const { return net_; }

 private:
  static ParamStore<T> placed(B& backend, ParamStore<T> store) {
    store.grad = {};
    store.moment.clear();
    store.move_to(memory_of(backend));
    return store;
  }
  std::span<const T> weights() const { return store_.value.span(); }
  void prepare(Shape x) {
    in_ = {};  // until all is there: an allocation may fail
    out_ = net_.out_shape(x);
    reserve_for(*backend_, keep_, keep_of(net_, x, packing_of<B>));
    reserve_for(*backend_, scratch_, scratch_of(net_, x, packing_of<B>));
    reserve_for(*backend_, y_, out_.count());
    in_ = x;
  }

  B* backend_;
  Net net_;
  ParamStore<T> store_;
  decltype(freeze_weights(std::declval<B&>(), std::span<const T>{})) hold_;  // ends before the weights do
  NetInput<T> input_;
  Buffer<T> keep_, scratch_, y_;
  Shape in_{}, out_{};
};

}  // namespace sseg

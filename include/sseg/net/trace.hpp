#pragma once
#include <algorithm>

#include "sseg/backend/reserve_for.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/net/param_store.hpp"

namespace sseg {

/// The workspace of one stream through a net: what forward keeps for backward, scratch, the output and, when asked
/// for, the input's gradient. The net stays const; two streams need two traces. Grows once, then never allocates.
/// It lies where the backend's arrays lie, as all that it is given does.
template <class T>
class Trace {
 public:
  /// y = net(x). Training mode also updates the running statistics in `store`, unless `update_state` is false.
  template <class B, class Net>
  View<const T> forward(B& backend, const Net& net, ParamStore<T>& store, View<const T> x, Mode mode,
                        bool update_state = true) {
    const std::span<T> next = mode == Mode::train && update_state ? store.state.span() : std::span<T>{};
    return run_forward(backend, net, store, x, mode, next, true);
  }
  /// Evaluation mode on a store nobody changes, without `backward` after it: faster.
  template <class B, class Net>
  View<const T> infer(B& backend, const Net& net, const ParamStore<T>& store, View<const T> x) {
    return run_forward(backend, net, store, x, Mode::eval, std::span<T>{}, false);
  }

  /// Adds the parameter gradients of the last `forward` to `store.grad`. Requires: x and mode as given to `forward`.
  /// Returns the input's gradient when `want_dx`, else a null view.
  template <class B, class Net>
  View<const T> backward(B& backend, const Net& net, ParamStore<T>& store, View<const T> x, View<const T> dy,
                         bool want_dx = false, Mode mode = Mode::train) {
    if (want_dx) reserve_for(backend, dx_, x.shape.count());
    const View<T> dx{want_dx ? dx_.data() : nullptr, x.shape};
    net.backward(backend, Backward<T>{x, View<const T>{y_.data(), dy.shape}, dy, dx, store.value.span(),
                                      store.grad.span(), store.state.span(), keep_.span(), scratch_.span(), mode});
    return dx;
  }

  /// Training mode into the caller's `y`, for outputs of several passes that lie side by side. With `backward_from`.
  template <class B, class Net>
  void forward_into(B& backend, const Net& net, ParamStore<T>& store, View<const T> x, View<T> y, bool update_state) {
    prepare(backend, net, x.shape);
    net.forward(backend, Forward<T>{x, y, store.value.span(), store.state.span(),
                                    update_state ? store.state.span() : std::span<T>{}, keep_.span(), scratch_.span(),
                                    Mode::train});
  }
  /// Adds the parameter gradients of the last `forward_into` to `store.grad`. Requires: x and y as they were then.
  template <class B, class Net>
  void backward_from(B& backend, const Net& net, ParamStore<T>& store, View<const T> x, View<const T> y,
                     View<const T> dy) {
    net.backward(backend, Backward<T>{x, y, dy, View<T>{nullptr, x.shape}, store.value.span(), store.grad.span(),
                                      store.state.span(), keep_.span(), scratch_.span(), Mode::train});
  }

  /// Bytes held.
  Index bytes() const {
    return (keep_.size() + scratch_.size() + y_.size() + dx_.size()) * static_cast<Index>(sizeof(T));
  }

 private:
  template <class B, class Net>
  View<const T> run_forward(B& backend, const Net& net, const ParamStore<T>& store, View<const T> x, Mode mode,
                            std::span<T> state_next, bool backward_follows) {
    static_assert(CheckRuns<Net, B>::ok);
    const Shape out = net.out_shape(x.shape);
    prepare(backend, net, x.shape);
    reserve_for(backend, y_, out.count());
    const View<T> y{y_.data(), out};
    net.forward(backend, Forward<T>{x, y, store.value.span(), store.state.span(), state_next, keep_.span(),
                                    scratch_.span(), mode, backward_follows});
    return y;
  }

  template <class B, class Net>
  void prepare(B& backend, const Net& net, Shape x) {
    reserve_for(backend, keep_, net.keep(x));
    reserve_for(backend, scratch_, net.scratch(x));
  }

  Buffer<T> keep_, scratch_, y_, dx_;
};

}  // namespace sseg

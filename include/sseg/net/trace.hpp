#pragma once
#include <algorithm>

#include "sseg/backend/reserve_for.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/net/net_input.hpp"
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
    using X = typename NetInput<T>::template Value<B, Net>;
    constexpr bool as_it_is = std::is_same_v<X, T>;
    const Index map = as_it_is ? 0 : packing_of<B>.room(x.shape);  // before the gradient that is returned
    if (want_dx) reserve_for(backend, dx_, map + x.shape.count());
    const View<X> dx{want_dx ? values_at<X>(dx_.data()) : nullptr, x.shape};
    net.backward(backend, Backward<T, X, T>{input_.there(backend, net, x), View<const T>{y_.data(), dy.shape}, dy, dx,
                                            store.value.span(), store.grad.span(), store.state.span(), keep_.span(),
                                            scratch_.span(), mode});
    if constexpr (as_it_is) {
      return dx;
    } else {
      if (!want_dx) return {nullptr, x.shape};
      dispatch(backend, Copy<T, X>{x.shape.count(), dx.data, dx_.data() + map});
      return {dx_.data() + map, x.shape};
    }
  }

  /// Training mode into the caller's `y`, for outputs of several passes that lie side by side. With `backward_from`.
  template <class B, class Net>
  void forward_into(B& backend, const Net& net, ParamStore<T>& store, View<const T> x, View<T> y, bool update_state) {
    prepare(backend, net, x.shape);
    using X = typename NetInput<T>::template Value<B, Net>;
    net.forward(backend, Forward<T, X, T>{input_.bring(backend, net, x), y, store.value.span(), store.state.span(),
                                          update_state ? store.state.span() : std::span<T>{}, keep_.span(),
                                          scratch_.span(), Mode::train});
  }
  /// Adds the parameter gradients of the last `forward_into` to `store.grad`. Requires: x and y as they were then.
  template <class B, class Net>
  void backward_from(B& backend, const Net& net, ParamStore<T>& store, View<const T> x, View<const T> y,
                     View<const T> dy) {
    using X = typename NetInput<T>::template Value<B, Net>;
    net.backward(backend,
                 Backward<T, X, T>{input_.there(backend, net, x), y, dy, View<X>{nullptr, x.shape}, store.value.span(),
                                   store.grad.span(), store.state.span(), keep_.span(), scratch_.span(), Mode::train});
  }

  /// Bytes held.
  Index bytes() const {
    return (keep_.size() + scratch_.size() + y_.size() + dx_.size() + input_.size()) * static_cast<Index>(sizeof(T));
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
    using X = typename NetInput<T>::template Value<B, Net>;
    net.forward(backend, Forward<T, X, T>{input_.bring(backend, net, x), y, store.value.span(), store.state.span(),
                                          state_next, keep_.span(), scratch_.span(), mode, backward_follows});
    return y;
  }

  template <class B, class Net>
  void prepare(B& backend, const Net& net, Shape x) {
    reserve_for(backend, keep_, keep_of(net, x, packing_of<B>));
    reserve_for(backend, scratch_, scratch_of(net, x, packing_of<B>));
  }

  NetInput<T> input_;
  Buffer<T> keep_, scratch_, y_, dx_;
};

}  // namespace sseg

#pragma once
#include <type_traits>

#include "sseg/backend/ops.hpp"
#include "sseg/backend/reserve_for.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/net/walk.hpp"

namespace sseg {

/// What a net is given to read: `x` itself or, where the backend keeps maps in a type of its own, a copy in that type.
/// The copy is what backward reads, too. On such a backend a net must say which rank it reads, and write features.
template <class T>
class NetInput {
 public:
  /// Type of the values that `Net` reads on backend `B`.
  template <class B, class Net>
  using Value = std::conditional_t<in_rank_of<Net> == 4, MapOf<B>, T>;

  template <class B, class Net>
  View<const Value<B, Net>> bring(B& backend, const Net& net, View<const T> x) {
    using X = Value<B, Net>;
    static_assert(in_rank_of<Net> != any_rank || std::is_same_v<MapOf<B>, T>,
                  "sseg: this backend keeps maps in a type of its own: begin the net with a layer that says which rank "
                  "it reads (in_rank), as sseg::Conv2d does.");
    static_assert((out_rank_of<Net> != 4 && out_rank_of<Net> != any_rank) || std::is_same_v<MapOf<B>, T>,
                  "sseg: this backend keeps maps in a type of its own: end the net with a layer that writes features, "
                  "as sseg::Flatten and sseg::GlobalPool do.");
    if constexpr (!std::is_same_v<X, T>) {
      reserve_for(backend, copy_, packing_of<B>.room(x.shape));
      dispatch(backend, Copy<X, T>{x.shape.count(), x.data, values_at<X>(copy_.data())});
    }
    return there(backend, net, x);
  }
  /// What `bring` gave for this `x`.
  template <class B, class Net>
  View<const Value<B, Net>> there(B&, const Net&, View<const T> x) const {
    using X = Value<B, Net>;
    if constexpr (std::is_same_v<X, T>)
      return x;
    else
      return {values_at<const X>(copy_.data()), x.shape};
  }
  /// Scalars in whose place the copy lies.
  Index size() const { return copy_.size(); }

 private:
  Buffer<T> copy_;
};

}  // namespace sseg

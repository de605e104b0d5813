#pragma once
#include "sseg/backend/reserve_for.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// Brings tensors of the host to where a backend's arrays lie. On the host it hands through what it was given.
template <class T>
class FromHost {
 public:
  /// Valid until the next call. A null view stays null.
  template <class B>
  View<const T> operator()(B& backend, View<const T> x) {
    if constexpr (HasMemory<B>) {
      if (!x) return x;
      reserve_for(backend, there_, x.shape.count());
      there_.upload(x.flat());
      return {there_.data(), x.shape};
    } else {
      return x;
    }
  }

 private:
  Buffer<T> there_;
};

}  // namespace sseg

#pragma once
#include "sseg/concepts/backend.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// Brings tensors from where a backend's arrays lie to the host, and waits for them. On the host it hands through what
/// it was given.
template <class T>
class ToHost {
 public:
  /// Valid until the next call.
  template <class B>
  View<const T> operator()(B& backend, View<const T> x) {
    if constexpr (HasMemory<B>) {
      here_.reserve_at_least(x.shape.count());
      if (x.shape.count() > 0) backend.memory()->download(here_.data(), x.data, to_size(x.shape.count()) * sizeof(T));
      return {here_.data(), x.shape};
    } else {
      return x;
    }
  }

 private:
  Buffer<T> here_;
};

}  // namespace sseg

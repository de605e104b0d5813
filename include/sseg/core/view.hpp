#pragma once
#include <span>
#include <type_traits>

#include "sseg/core/shape.hpp"

namespace sseg {

/// A tensor somebody else owns: a pointer and a shape, dense, row-major. Never stored across calls.
template <class T>
struct View {
  T* data = nullptr;
  Shape shape{};

  constexpr View() = default;
  constexpr View(T* d, Shape s) : data(d), shape(s) {}
  /// View<float> converts to View<const float>.
  template <class U>
  requires(std::is_const_v<T>&& std::is_same_v<U, std::remove_const_t<T>>) constexpr View(const View<U>& other)
      : data(other.data), shape(other.shape) {}

  constexpr std::span<T> flat() const { return {data, to_size(shape.count())}; }
  /// The i-th item along the outermost axis.
  constexpr View item(Index i) const {
    Shape inner;
    inner.rank = shape.rank - 1;
    for (int d = 1; d < shape.rank; ++d) inner.extent[to_size(d - 1)] = shape[d];
    return {data + i * inner.count(), inner};
  }
  constexpr explicit operator bool() const { return data != nullptr; }
};

}  // namespace sseg

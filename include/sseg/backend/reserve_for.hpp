#pragma once
#include "sseg/concepts/backend.hpp"
#include "sseg/core/buffer.hpp"

namespace sseg {

/// At least `count` elements where the backend's arrays lie; contents are unspecified unless nothing changes.
template <class B, class T>
void reserve_for(B& backend, Buffer<T>& buffer, Index count) {
  if constexpr (HasMemory<B>) buffer.lie_in(backend.memory());
  buffer.reserve_at_least(count);
}

}  // namespace sseg

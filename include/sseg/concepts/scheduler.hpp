#pragma once
#include <concepts>

#include "sseg/core/shape.hpp"

namespace sseg {

/// Where training stands: step `step` of `steps`.
struct Progress {
  Index step = 0, steps = 1;
};

/// A pure function of progress: learning rate, temperature, momentum. Composes: `Warmup<Cosine>`.
template <class S>
concept Scheduler = std::regular<S> && requires(const S s, Progress p) {
  { s(p) } -> std::same_as<float>;
};

}  // namespace sseg

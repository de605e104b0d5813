#pragma once
#include <algorithm>
#include <chrono>
#include <vector>

#include "sseg/backend/from_host.hpp"
#include "sseg/backend/to_host.hpp"
#include "sseg/core/error.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/trace.hpp"

namespace sseg {

/// Milliseconds of one evaluation-mode pass over one image (1, H, W, C): the median of `repeats`, after three that do
/// not count. Weights and image are noise; the time does not depend on them. A measurement: it differs between machines
/// and runs. Throws: Error when `repeats` is not positive.
template <class B, class Net>
double milliseconds(B& backend, const Net& net, Shape image, Index repeats = 21) {
  require(repeats >= 1, "a measurement needs repeats", "milliseconds", "give 1 or more");
  using T = typename B::Scalar;
  auto store = make_store<T>(net, 0, Rng(1));
  store.move_to(memory_of(backend));
  Rng rng(2);
  Buffer<T> x(image.count());
  for (T& v : x) v = static_cast<T>(rng.uniform());
  Trace<T> trace;
  FromHost<T> there;
  ToHost<T> here;
  std::vector<double> times;
  const View<const T> picture = there(backend, View<const T>{x.data(), image});
  for (Index i = -3; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    here(backend, trace.infer(backend, net, store, picture));
    const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
    if (i >= 0) times.push_back(passed.count());
  }
  const auto middle = times.begin() + repeats / 2;
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

}  // namespace sseg

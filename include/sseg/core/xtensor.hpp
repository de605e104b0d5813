#pragma once
// The only door to xtensor.
#include <vector>
#include <xtensor/xadapt.hpp>

#include "sseg/core/view.hpp"

namespace sseg {

/// A view as an xtensor expression over the same memory, row-major, for NumPy-like work on the host: no copy.
/// Requires: the viewed memory outlives the result.
template <class T>
auto as_xtensor(View<T> view) {
  const std::vector<std::size_t> shape(view.shape.extent.begin(), view.shape.extent.begin() + view.shape.rank);
  return xt::adapt(view.data, to_size(view.shape.count()), xt::no_ownership(), shape);
}

}  // namespace sseg

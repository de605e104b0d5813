#pragma once
#include <algorithm>
#include <vector>

#include "sseg/core/buffer.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// One feature row an image, computed once; every episode reads from here.
struct Features {
  Index dim = 0;
  Buffer<float> rows;

  Index size() const { return dim == 0 ? 0 : rows.size() / dim; }
  View<const float> view() const { return {rows.data(), {size(), dim}}; }
  View<const float> row(Index i) const { return {rows.data() + i * dim, {dim}}; }

  /// Mean row. Zeros when empty.
  std::vector<float> mean() const {
    std::vector<double> sum(to_size(dim), 0.0);
    for (Index i = 0; i < size(); ++i)
      for (Index d = 0; d < dim; ++d) sum[to_size(d)] += static_cast<double>(rows[i * dim + d]);
    std::vector<float> mean(to_size(dim), 0.f);
    for (Index d = 0; d < dim && size() > 0; ++d)
      mean[to_size(d)] = static_cast<float>(sum[to_size(d)] / static_cast<double>(size()));
    return mean;
  }

  /// The rows with these indices, in that order.
  void gather(const std::vector<Index>& indices, Buffer<float>& out) const {
    out.reserve_at_least(static_cast<Index>(indices.size()) * dim);
    for (std::size_t k = 0; k < indices.size(); ++k)
      std::copy_n(rows.data() + indices[k] * dim, dim, out.data() + static_cast<Index>(k) * dim);
  }
};

}  // namespace sseg

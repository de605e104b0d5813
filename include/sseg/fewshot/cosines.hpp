#pragma once
#include <vector>

#include "sseg/concepts/protocol.hpp"
#include "sseg/fewshot/prototypes.hpp"

namespace sseg {

/// The rows, each scaled to unit length; zeros stay zeros.
inline std::vector<float> unit_rows(View<const float> rows) {
  std::vector<float> unit(rows.flat().begin(), rows.flat().end());
  CosineSimilarity{}.prepare({unit.data(), rows.shape});
  return unit;
}

/// cos(q, x) of every query with every support image, (Q, support); 0 where one of the two is all zeros.
inline std::vector<float> cosines(const FewShotTask& task) {
  const Index dim = task.support.shape[1], supports = task.support.shape[0], queries = task.query.shape[0];
  const std::vector<float> support = unit_rows(task.support), query = unit_rows(task.query);
  std::vector<float> cosine(to_size(queries * supports));
  for (Index q = 0; q < queries; ++q)
    for (Index s = 0; s < supports; ++s)
      cosine[to_size(q * supports + s)] = detail::dot(query.data() + q * dim, support.data() + s * dim, dim);
  return cosine;
}

}  // namespace sseg

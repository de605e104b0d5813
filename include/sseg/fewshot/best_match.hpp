#pragma once
#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "sseg/concepts/protocol.hpp"
#include "sseg/core/error.hpp"
#include "sseg/fewshot/prototypes.hpp"

namespace sseg {

/// For pictures known by several distorted copies: a feature row is the features of the picture and of its copies, one
/// after the other (`Embedder::embed_copies`). Two pictures are as alike as the two copies of theirs that fit best:
///   s(q, x) = max_{a, b} cos(q_a, x_b),   score of class k = mean of s(q, x) over its support pictures x.
/// Copies thus search for the distortion between two drawings of one character instead of averaging it away. Inductive:
/// a score depends on one query and the support alone. Throws: Error when a row is not `parts` features.
struct BestMatch {
  static constexpr std::string_view name = "best match of copies, cosine";
  Index parts = 1;  ///< features a row: the picture's and its copies'
  bool operator==(const BestMatch&) const = default;

  void classify(const FewShotTask& task, View<float> scores) const {
    const Index row = task.support.shape[1], supports = task.support.shape[0];
    require(parts >= 1 && row % parts == 0, "a feature row does not divide into this many copies", "BestMatch",
            "set parts to the copies of Embedder::embed_copies plus one");
    const std::vector<float> support = unit_parts(task.support), query = unit_parts(task.query);
    std::vector<Index> count(to_size(task.way), 0);
    for (const Index k : task.label) ++count[to_size(k)];
    require(std::find(count.begin(), count.end(), 0) == count.end(), "a class has no support image", "BestMatch",
            "give every class at least one");
    std::fill_n(scores.data, task.query.shape[0] * task.way, 0.f);
    for (Index q = 0; q < task.query.shape[0]; ++q)
      for (Index s = 0; s < supports; ++s) {
        const Index k = task.label[to_size(s)];
        scores.data[q * task.way + k] += alike(query.data() + q * row, support.data() + s * row, row / parts) /
                                         static_cast<float>(count[to_size(k)]);
      }
  }

 private:
  std::vector<float> unit_parts(View<const float> rows) const {
    std::vector<float> unit(rows.flat().begin(), rows.flat().end());
    const Index dim = rows.shape[1] / parts;
    for (Index p = 0; p < rows.shape[0] * parts; ++p) detail::scale_to_unit(unit.data() + p * dim, dim);
    return unit;
  }
  float alike(const float* q, const float* x, Index dim) const {
    float best = std::numeric_limits<float>::lowest();
    for (Index a = 0; a < parts; ++a)
      for (Index b = 0; b < parts; ++b) best = std::max(best, detail::dot(q + a * dim, x + b * dim, dim));
    return best;
  }
};

static_assert(Protocol<BestMatch>);

}  // namespace sseg

#pragma once
#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "sseg/concepts/protocol.hpp"
#include "sseg/core/error.hpp"
#include "sseg/fewshot/class_sizes.hpp"
#include "sseg/fewshot/prototypes.hpp"

namespace sseg {

/// For pictures known by several distorted copies: a feature row is the features of the picture and of its copies, one
/// after the other (`picture_features`, copies not averaged). Two pictures are as alike as the two copies of theirs
/// that fit best:
///   s(q, x) = max_{a, b} cos(q_a, x_b),   score of class k = mean of s(q, x) over its support pictures x.
/// Copies thus search for the distortion between two drawings of one character instead of averaging it away. Inductive:
/// a score depends on one query and the support alone. A feature that is not a number makes its scores so.
/// Throws: Error when rows are not `parts` features, or labels do not belong to the support.
struct BestMatch {
  static constexpr std::string_view name = "best match of copies, cosine";
  Index parts = 1;  ///< features a row: the picture's and its copies'
  bool operator==(const BestMatch&) const = default;

  void classify(const FewShotTask& task, View<float> scores) const {
    const std::vector<Index> count = checked_sizes(task);
    const std::vector<float> support_length = lengths(task.support), query_length = lengths(task.query);
    std::fill_n(scores.data, task.query.shape[0] * task.way, 0.f);
    for (Index q = 0; q < task.query.shape[0]; ++q)
      for (Index s = 0; s < task.support.shape[0]; ++s) {
        const Index k = task.label[to_size(s)];
        scores.data[q * task.way + k] +=
            alike(task.query, q, query_length, task.support, s, support_length) / static_cast<float>(count[to_size(k)]);
      }
  }

 private:
  std::vector<Index> checked_sizes(const FewShotTask& task) const {
    require(parts >= 1 && task.support.shape[1] % parts == 0 && task.query.shape[1] == task.support.shape[1],
            "feature rows are not this many copies", "BestMatch",
            "set parts to the copies of picture_features plus one, for queries and support alike");
    return class_sizes(task, "BestMatch");
  }
  /// Of every part of every row.
  std::vector<float> lengths(View<const float> rows) const {
    const Index dim = rows.shape[1] / parts;
    std::vector<float> length(to_size(rows.shape[0] * parts));
    for (std::size_t p = 0; p < length.size(); ++p) {
      const float* part = rows.data + static_cast<Index>(p) * dim;
      length[p] = std::sqrt(detail::dot(part, part, dim));
    }
    return length;
  }
  /// The best cosine between a part of query q and one of support s; 0 where a part is all zeros.
  float alike(View<const float> queries, Index q, const std::vector<float>& q_length, View<const float> supports,
              Index s, const std::vector<float>& s_length) const {
    const Index dim = queries.shape[1] / parts;
    float best = -1;
    for (Index a = q * parts; a < (q + 1) * parts; ++a)
      for (Index b = s * parts; b < (s + 1) * parts; ++b) {
        const float length = q_length[to_size(a)] * s_length[to_size(b)];
        const float cosine =
            length == 0 ? 0 : detail::dot(queries.data + a * dim, supports.data + b * dim, dim) / length;
        if (std::isnan(cosine)) return cosine;
        best = std::max(best, cosine);
      }
    return best;
  }
};

static_assert(Protocol<BestMatch>);

}  // namespace sseg

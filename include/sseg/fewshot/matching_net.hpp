#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/fewshot/class_sizes.hpp"
#include "sseg/fewshot/cosines.hpp"
#include "sseg/meta/field_text.hpp"

namespace sseg {

/// Attention over the support (Vinyals et al. 2016): with a(q, i) = softmax_i(scale·cos(q, x_i)) over all support
/// images,
///   score of class k = Σ_{i of class k} a(q, i),   a probability.
/// Without full context embeddings: those are nets of their own that have to be trained on labelled episodes, and
/// nothing here is. The paper's scale is 1; the larger, the nearer to one nearest neighbour.
/// Throws: Error when the labels do not fit or the scale is not positive.
struct MatchingNet {
  static constexpr std::string_view name = "matching, cosine attention";
  float scale = 1;
  bool operator==(const MatchingNet&) const = default;

  void classify(const FewShotTask& task, View<float> scores) const {
    check();
    class_sizes(task, "MatchingNet");
    const std::vector<float> cosine = cosines(task);
    const Index supports = task.support.shape[0];
    std::fill_n(scores.data, task.query.shape[0] * task.way, 0.f);
    for (Index q = 0; q < task.query.shape[0]; ++q) {
      const float* const row = cosine.data() + q * supports;
      const float top = *std::max_element(row, row + supports);
      float sum = 0;
      for (Index s = 0; s < supports; ++s) sum += std::exp(scale * (row[s] - top));
      for (Index s = 0; s < supports; ++s)
        scores.data[q * task.way + task.label[to_size(s)]] += std::exp(scale * (row[s] - top)) / sum;
    }
  }
  void check() const {
    require(scale > 0 && scale <= 1e4f, "the attention has no such scale", "evaluation.matching.scale",
            "give more than 0, and at most 10000");
  }
};

/// "matching, cosine attention", and the scale where it is not the paper's.
inline std::string describe(const MatchingNet& p) {
  return std::string(MatchingNet::name) + (p.scale == 1 ? "" : " times " + to_text_value(p.scale));
}

static_assert(Protocol<MatchingNet>);

}  // namespace sseg

SSEG_FIELDS(sseg::MatchingNet, scale);

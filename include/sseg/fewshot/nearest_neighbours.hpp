#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/fewshot/class_sizes.hpp"
#include "sseg/fewshot/cosines.hpp"
#include "sseg/meta/field_text.hpp"

namespace sseg {

/// The k support images nearest by cosine vote, the nearer the more (Wu et al. 2018):
///   score of class c ∝ Σ_{i among the k nearest, of class c} exp(cos(q, x_i)/temperature),   scores sum to 1.
/// A support of fewer than k images votes whole. With one shot the nearest image always wins, whatever k is.
/// Throws: Error when the labels do not fit, or k or the temperature is not positive.
struct NearestNeighbours {
  static constexpr std::string_view name = "nearest neighbours, cosine";
  Index k = 5;
  float temperature = 0.07f;
  bool operator==(const NearestNeighbours&) const = default;

  void classify(const FewShotTask& task, View<float> scores) const {
    check();
    class_sizes(task, "NearestNeighbours");
    const std::vector<float> cosine = cosines(task);
    const Index supports = task.support.shape[0];
    std::vector<Index> order;
    for (Index q = 0; q < task.query.shape[0]; ++q)
      vote({cosine.data() + q * supports, to_size(supports)}, task.label, order,
           {scores.data + q * task.way, to_size(task.way)});
  }

  /// The votes of images at these cosines with these labels, 0 … votes.size() − 1; where two are as near, the one that
  /// comes first goes first. Not a number where a cosine is none. `order` is scratch. Requires: at least one image.
  void vote(std::span<const float> cosine, std::span<const Index> label, std::vector<Index>& order,
            std::span<float> votes) const {
    if (std::any_of(cosine.begin(), cosine.end(), [](float c) { return std::isnan(c); }))
      return std::fill(votes.begin(), votes.end(), std::numeric_limits<float>::quiet_NaN());
    order.resize(cosine.size());
    std::iota(order.begin(), order.end(), Index{0});
    const Index taken = std::min(k, static_cast<Index>(order.size()));
    std::partial_sort(order.begin(), order.begin() + taken, order.end(), [&](Index a, Index b) {
      const float x = cosine[to_size(a)], y = cosine[to_size(b)];
      return x > y || (x == y && a < b);
    });
    const float top = cosine[to_size(order[0])];
    float sum = 0;
    std::fill(votes.begin(), votes.end(), 0.f);
    for (Index i = 0; i < taken; ++i) {
      const std::size_t image = to_size(order[to_size(i)]);
      const float weight = std::exp((cosine[image] - top) / temperature);
      votes[to_size(label[image])] += weight;
      sum += weight;
    }
    for (float& v : votes) v /= sum;
  }
  void check() const {
    require(k >= 1 && temperature > 0 && temperature <= 1e4f, "no such neighbourhood", "evaluation.knn",
            "give a k of 1 or more and a temperature above 0, at most 10000");
  }
};

/// "5 nearest neighbours, cosine, temperature 0.07"
inline std::string describe(const NearestNeighbours& p) {
  return to_text_value(p.k) + " " + std::string(NearestNeighbours::name) + ", temperature " +
         to_text_value(p.temperature);
}

static_assert(Protocol<NearestNeighbours>);

}  // namespace sseg

SSEG_FIELDS(sseg::NearestNeighbours, k, temperature);

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

/// Class means of unit features, refined by soft k-means over the queries (Ren et al. 2018, section 3.1.1, where the
/// unlabelled images are the queries themselves). `steps` times
///   z_qk = softmax_k(−scale·‖q − c_k‖²),   c_k ← (Σ_{i of class k} x_i + Σ_q z_qk·q)/(n_k + Σ_q z_qk),
/// then score = −‖q − c_k‖². Transductive: a score depends on all queries of the episode, so these numbers do not
/// compare with those of inductive protocols. Episodes of as many queries for every class suit it; others may not.
/// Throws: Error when the labels do not fit, or a setting makes no sense.
struct TransductivePrototypes {
  static constexpr std::string_view name = "transductive prototypes, soft k-means over the queries";
  static constexpr bool inductive = false;
  Index steps = 3;
  float scale = 10;
  bool operator==(const TransductivePrototypes&) const = default;

  void classify(const FewShotTask& task, View<float> scores) const {
    check();
    const Index dim = task.support.shape[1], supports = task.support.shape[0], queries = task.query.shape[0];
    const std::vector<Index> count = class_sizes(task, "TransductivePrototypes");
    const std::vector<float> support = unit_rows(task.support), query = unit_rows(task.query);
    std::vector<float> sum(to_size(task.way * dim), 0.f), weight(count.begin(), count.end()), centre;
    for (Index s = 0; s < supports; ++s)
      add(1, support.data() + s * dim, sum.data() + task.label[to_size(s)] * dim, dim);
    set_centres(sum, weight, centre);
    score(query, centre, dim, scores);
    std::vector<float> refined, share(to_size(task.way));
    for (Index step = 0; step < steps; ++step) {
      refined = sum;
      std::vector<float> mass(count.begin(), count.end());
      for (Index q = 0; q < queries; ++q) {
        softmax({scores.data + q * task.way, {task.way}}, share);
        for (Index k = 0; k < task.way; ++k) {
          add(share[to_size(k)], query.data() + q * dim, refined.data() + k * dim, dim);
          mass[to_size(k)] += share[to_size(k)];
        }
      }
      set_centres(refined, mass, centre);
      score(query, centre, dim, scores);
    }
  }
  void check() const {
    require(steps >= 0 && steps <= 1000 && scale > 0 && scale <= 1e4f, "no such refinement of prototypes",
            "evaluation.transductive", "give 0 to 1000 steps and a scale above 0, at most 10000");
  }

 private:
  static void add(float weight, const float* x, float* to, Index dim) {
    for (Index d = 0; d < dim; ++d) to[d] += weight * x[d];
  }
  static void set_centres(const std::vector<float>& sum, const std::vector<float>& weight, std::vector<float>& centre) {
    const std::size_t dim = sum.size() / weight.size();
    centre.resize(sum.size());
    for (std::size_t i = 0; i < sum.size(); ++i) centre[i] = sum[i] / weight[i / dim];
  }
  /// −‖q − c‖² = 2·q·c − ‖q‖² − ‖c‖².
  static void score(const std::vector<float>& query, const std::vector<float>& centre, Index dim, View<float> scores) {
    const Index way = scores.shape[1];
    for (Index q = 0; q < scores.shape[0]; ++q) {
      const float* const x = query.data() + q * dim;
      const float length = detail::dot(x, x, dim);
      for (Index k = 0; k < way; ++k) {
        const float* const c = centre.data() + k * dim;
        scores.data[q * way + k] = 2 * detail::dot(x, c, dim) - length - detail::dot(c, c, dim);
      }
    }
  }
  void softmax(View<const float> scores, std::vector<float>& share) const {
    const float top = *std::max_element(scores.data, scores.data + scores.shape[0]);
    float sum = 0;
    for (std::size_t k = 0; k < share.size(); ++k) sum += share[k] = std::exp(scale * (scores.data[k] - top));
    for (float& s : share) s /= sum;
  }
};

/// "transductive prototypes, soft k-means over the queries, 3 steps, scale 10"
inline std::string describe(const TransductivePrototypes& p) {
  return std::string(TransductivePrototypes::name) + ", " + to_text_value(p.steps) + " steps, scale " +
         to_text_value(p.scale);
}

static_assert(Protocol<TransductivePrototypes> && !inductive_of<TransductivePrototypes>);

}  // namespace sseg

SSEG_FIELDS(sseg::TransductivePrototypes, steps, scale);

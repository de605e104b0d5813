#pragma once
#include <cmath>
#include <span>
#include <string_view>
#include <vector>

#include "sseg/concepts/protocol.hpp"
#include "sseg/core/error.hpp"
#include "sseg/fewshot/class_sizes.hpp"

namespace sseg {

namespace detail {
/// In sixteen sums side by side, which compilers make vectors of; always in the same order.
template <class T>
T dot(const T* a, const T* b, Index n) {
  constexpr Index lanes = 16;
  T part[lanes] = {};
  Index i = 0;
  for (; i + lanes <= n; i += lanes)
    for (Index l = 0; l < lanes; ++l) part[l] += a[i + l] * b[i + l];
  for (; i < n; ++i) part[i % lanes] += a[i] * b[i];
  T sum = 0;
  for (const T p : part) sum += p;
  return sum;
}
inline void scale_to_unit(float* a, Index n) {
  const float norm = std::sqrt(dot(a, a, n));
  for (Index i = 0; i < n && norm > 0; ++i) a[i] /= norm;
}
/// x ← (x − mean)/‖x − mean‖; zero stays zero.
inline void centre_row(float* x, const std::vector<float>& mean) {
  const Index n = static_cast<Index>(mean.size());
  for (Index d = 0; d < n; ++d) x[d] -= mean[to_size(d)];
  scale_to_unit(x, n);
}
}  // namespace detail

/// score = −‖q − c‖² (Snell et al. 2017, Euclidean; squared, as their logits are).
struct SquaredEuclidean {
  static constexpr std::string_view name = "euclidean";
  bool operator==(const SquaredEuclidean&) const = default;
  void prepare(View<float>) const {}
  void prepare_prototype(float*, Index) const {}
  float score(const float* q, const float* c, Index dim) const {
    float sum = 0;
    for (Index d = 0; d < dim; ++d) sum += (q[d] - c[d]) * (q[d] - c[d]);
    return -sum;
  }
};

/// score = cos(q, c): features to unit length, the class mean to unit length again.
struct CosineSimilarity {
  static constexpr std::string_view name = "cosine";
  bool operator==(const CosineSimilarity&) const = default;
  void prepare(View<float> rows) const {
    for (Index r = 0; r < rows.shape[0]; ++r) detail::scale_to_unit(rows.data + r * rows.shape[1], rows.shape[1]);
  }
  void prepare_prototype(float* c, Index dim) const { detail::scale_to_unit(c, dim); }
  float score(const float* q, const float* c, Index dim) const { return detail::dot(q, c, dim); }
};

/// CL2N of SimpleShot (Wang et al. 2019): subtract the mean feature of the base set, scale to unit length, then the
/// nearest class mean by Euclidean distance; the class mean is not scaled again.
/// Throws: Error when `base_mean` has another length than the features.
struct Cl2n {
  static constexpr std::string_view name = "cl2n";
  std::vector<float> base_mean;
  bool operator==(const Cl2n&) const = default;
  void prepare(View<float> rows) const {
    const Index dim = rows.shape[1];
    require(static_cast<Index>(base_mean.size()) == dim, "CL2N has no mean of the base set for features of this length",
            "Cl2n", "set base_mean to Features::mean() of the training images, computed with the same net");
    for (Index r = 0; r < rows.shape[0]; ++r) detail::centre_row(rows.data + r * dim, base_mean);
  }
  void prepare_prototype(float*, Index) const {}
  float score(const float* q, const float* c, Index dim) const { return SquaredEuclidean{}.score(q, c, dim); }
};

/// Nearest class mean: c_k = mean of the support features of class k; the metric scores queries against c_k.
/// With one shot and any of these metrics this is nearest neighbour. Throws: Error when the labels do not fit.
template <class Metric = SquaredEuclidean>
struct Prototypes {
  static constexpr std::string_view name = Metric::name;
  Metric metric{};
  bool operator==(const Prototypes&) const = default;

  void classify(const FewShotTask& task, View<float> scores) const {
    const Index dim = task.support.shape[1];
    std::vector<float> support(task.support.flat().begin(), task.support.flat().end());
    std::vector<float> query(task.query.flat().begin(), task.query.flat().end());
    metric.prepare({support.data(), task.support.shape});
    metric.prepare({query.data(), task.query.shape});
    const std::vector<float> c = class_means(task, support);
    for (Index q = 0; q < task.query.shape[0]; ++q)
      for (Index k = 0; k < task.way; ++k)
        scores.data[q * task.way + k] = metric.score(query.data() + q * dim, c.data() + k * dim, dim);
  }

 private:
  std::vector<float> class_means(const FewShotTask& task, const std::vector<float>& support) const {
    const Index dim = task.support.shape[1];
    const std::vector<Index> count = class_sizes(task, "Prototypes");
    std::vector<float> mean(to_size(task.way * dim), 0.f);
    for (Index s = 0; s < task.support.shape[0]; ++s) {
      const Index k = task.label[to_size(s)];
      for (Index d = 0; d < dim; ++d) mean[to_size(k * dim + d)] += support[to_size(s * dim + d)];
    }
    for (Index k = 0; k < task.way; ++k) {
      for (Index d = 0; d < dim; ++d) mean[to_size(k * dim + d)] /= static_cast<float>(count[to_size(k)]);
      metric.prepare_prototype(mean.data() + k * dim, dim);
    }
    return mean;
  }
};

static_assert(Protocol<Prototypes<SquaredEuclidean>> && Protocol<Prototypes<Cl2n>>);

}  // namespace sseg

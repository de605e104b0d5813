#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/fewshot/class_sizes.hpp"
#include "sseg/fewshot/cosine_classifier_loss.hpp"
#include "sseg/fewshot/cosines.hpp"
#include "sseg/fewshot/support_span.hpp"
#include "sseg/meta/field_text.hpp"

namespace sseg {

/// Baseline++ (Chen et al. 2019): one weight vector a class, scores scale·cos(w_k, q), learned from the support by
/// `steps` steps of gradient descent with momentum 0.9 on `CosineClassifierLoss`. Unlike the paper's, the result is the
/// same every time: w_k starts as the mean of its class's unit features instead of at random, and each step sees the
/// whole support instead of four images of it; there is no weight decay.
/// Throws: Error when the labels do not fit, or a setting makes no sense.
struct CosineClassifier {
  static constexpr std::string_view name = "cosine classifier";
  Index steps = 100;
  double rate = 0.05;
  double scale = 10;
  bool operator==(const CosineClassifier&) const = default;

  void classify(const FewShotTask& task, View<float> scores) const {
    check();
    const std::vector<Index> count = class_sizes(task, "CosineClassifier");
    const std::vector<float> support = unit_rows(task.support), query = unit_rows(task.query);
    const SupportSpan span({support.data(), task.support.shape});
    const std::vector<double> x = span.coordinates({support.data(), task.support.shape});
    const CosineClassifierLoss loss{x, task.label, task.way, span.rank(), scale};
    std::vector<double> w = class_means(loss, count);
    descend(loss, w);
    const std::vector<double> q = span.coordinates({query.data(), task.query.shape}), length = loss.lengths(w);
    std::vector<double> logit(to_size(task.way));
    for (Index i = 0; i < task.query.shape[0]; ++i) {
      loss.logits(w, length, q.data() + i * span.rank(), logit);
      for (Index k = 0; k < task.way; ++k) scores.data[i * task.way + k] = static_cast<float>(logit[to_size(k)]);
    }
  }
  void check() const {
    require(steps >= 0 && steps <= 100000 && rate > 0 && rate <= 100 && scale > 0 && scale <= 1e4,
            "the cosine classifier's numbers make no sense", "evaluation.cosine_classifier",
            "give 0 to 100000 steps, a rate above 0, at most 100, and a scale above 0, at most 10000");
  }

 private:
  static std::vector<double> class_means(const CosineClassifierLoss& loss, const std::vector<Index>& count) {
    std::vector<double> w(to_size(loss.size()), 0.0);
    for (std::size_t i = 0; i < loss.label.size(); ++i) {
      const Index k = loss.label[i];
      for (Index d = 0; d < loss.dim; ++d)
        w[to_size(k * loss.dim + d)] +=
            loss.x[i * to_size(loss.dim) + to_size(d)] / static_cast<double>(count[to_size(k)]);
    }
    return w;
  }
  void descend(const CosineClassifierLoss& loss, std::vector<double>& w) const {
    constexpr double momentum = 0.9;
    std::vector<double> gradient(w.size()), velocity(w.size(), 0.0);
    for (Index step = 0; step < steps; ++step) {
      loss(w, gradient);
      for (std::size_t i = 0; i < w.size(); ++i) {
        velocity[i] = momentum * velocity[i] + gradient[i];
        w[i] -= rate * velocity[i];
      }
    }
  }
};

/// "cosine classifier, 100 steps at rate 0.05, scale 10"
inline std::string describe(const CosineClassifier& p) {
  return std::string(CosineClassifier::name) + ", " + to_text_value(p.steps) + " steps at rate " +
         to_text_value(p.rate) + ", scale " + to_text_value(p.scale);
}

static_assert(Protocol<CosineClassifier>);

}  // namespace sseg

SSEG_FIELDS(sseg::CosineClassifier, steps, rate, scale);

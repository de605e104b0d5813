#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/fewshot/class_sizes.hpp"
#include "sseg/fewshot/cosines.hpp"
#include "sseg/fewshot/lbfgs.hpp"
#include "sseg/fewshot/linear_probe_loss.hpp"
#include "sseg/fewshot/support_span.hpp"
#include "sseg/meta/field_text.hpp"

namespace sseg {

/// Multinomial logistic regression on unit features, with an L2 penalty on the weights (`LinearProbeLoss`), solved in
/// double to the minimum; scores are the logits W·q + b. The settings of Tian et al. (2020), who take scikit-learn's
/// with C = 1/penalty = 1. The weights that minimise lie in the span of the support, and that is where they are sought.
/// Throws: Error when the labels do not fit or the penalty is not positive.
struct LinearProbe {
  static constexpr std::string_view name = "linear probe, logistic regression";
  double penalty = 1;
  bool operator==(const LinearProbe&) const = default;

  void classify(const FewShotTask& task, View<float> scores) const {
    check();
    class_sizes(task, "LinearProbe");
    const std::vector<float> support = unit_rows(task.support), query = unit_rows(task.query);
    const SupportSpan span({support.data(), task.support.shape});
    const std::vector<double> x = span.coordinates({support.data(), task.support.shape});
    const LinearProbeLoss loss{x, task.label, task.way, span.rank(), penalty};
    std::vector<double> w(to_size(loss.size()), 0.0), logit(to_size(task.way));
    Lbfgs{}.minimise(loss, w);
    const std::vector<double> q = span.coordinates({query.data(), task.query.shape});
    for (Index i = 0; i < task.query.shape[0]; ++i) {
      loss.logits(w, q.data() + i * span.rank(), logit);
      for (Index k = 0; k < task.way; ++k) scores.data[i * task.way + k] = static_cast<float>(logit[to_size(k)]);
    }
  }
  void check() const {
    require(penalty >= 1e-6 && penalty <= 1e6, "no such penalty", "evaluation.linear_probe.penalty",
            "give 1e-6 to 1e6");
  }
};

/// "linear probe, logistic regression, L2 penalty 1"
inline std::string describe(const LinearProbe& p) {
  std::string text(LinearProbe::name);  // not one sum: GCC 12 then warns of its own string
  text += ", L2 penalty ";
  return text += to_text_value(p.penalty);
}

static_assert(Protocol<LinearProbe>);

}  // namespace sseg

SSEG_FIELDS(sseg::LinearProbe, penalty);

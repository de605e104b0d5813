#include "sseg/fewshot/fine_tune_pass.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/fewshot/fine_tune.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "support/catch.hpp"
#include "support/worse.hpp"
#include "unit/fewshot/scores_of.hpp"
#include "unit/fewshot/two_stages.hpp"

namespace fine_tune_pass_test {

using namespace sseg;
using namespace sseg_test;
using Oracle = Reference<double>;

TEST_CASE("the gradient of fine-tuning agrees with finite differences") {
  const TwoStages made;
  const auto cut = made.cut<double>();
  Oracle oracle;
  FineTunePass<double> pass(*cut, 3);
  const std::vector<double> rows = random_maps<double>(4, cut->dim());
  const std::vector<Index> label{2, 0, 1, 2};
  pass.start_at_means(oracle, rows, label, {1, 1, 2});
  const double value = pass.loss(oracle, rows, label, 5);
  const std::vector<double> gradient(pass.store().grad.begin(), pass.store().grad.end());
  CHECK(value > 0);
  double worst = 0, largest = 0;
  for (Index i = 0; i < pass.store().value.size(); ++i) {
    double& w = pass.store().value[i];
    const double before = w, width = 1e-6;
    w = before + width;
    const double above = pass.loss(oracle, rows, label, 5);
    w = before - width;
    const double below = pass.loss(oracle, rows, label, 5);
    w = before;
    worst = worse(worst, std::abs(gradient[to_size(i)] - (above - below) / (2 * width)));
    largest = std::max(largest, std::abs(gradient[to_size(i)]));
  }
  CHECK(largest > 0.01);
  CHECK(worst < 1e-6);
}

TEST_CASE("without a step fine-tuning is cosine prototypes of the whole net's features") {
  const TwoStages made;
  const auto cut = made.cut();
  Reference<float> oracle;
  const Images images = random_pictures(7);
  const Features whole = Embedder<Reference<float>>(oracle).embed(made.net, made.store, images);
  const Features before = Embedder<Reference<float>>(oracle).embed(cut->trunk, made.store, images);
  const auto rows = [](const Features& f, Index begin, Index end) {
    return std::vector<float>(f.rows.data() + begin * f.dim, f.rows.data() + end * f.dim);
  };
  const std::vector<Index> label{0, 1, 1, 0};
  const auto tuned = scores_of(FineTune<Reference<float>>{{.steps = 0}, cut}, rows(before, 0, 4), label, 2,
                               rows(before, 4, 7), before.dim);
  const auto plain =
      scores_of(Prototypes<CosineSimilarity>{}, rows(whole, 0, 4), label, 2, rows(whole, 4, 7), whole.dim);
  for (std::size_t i = 0; i < tuned.size(); ++i) CHECK(std::abs(tuned[i] - plain[i]) < 1e-5f);
}

}  // namespace fine_tune_pass_test

#include "sseg/fewshot/fine_tune.hpp"

#include <cmath>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/fewshot/evaluate.hpp"
#include "support/catch.hpp"
#include "unit/fewshot/scores_of.hpp"
#include "unit/fewshot/two_stages.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace fine_tune_test {

using namespace sseg;
using namespace sseg_test;
using Oracle = Reference<double>;

TEST_CASE("fine-tuning lowers the loss, agrees with the slow backend, and leaves the net as it was") {
  const TwoStages made;
  const Buffer<float> weights = made.store.value, statistics = made.store.state;
  const auto cut = made.cut();
  const Buffer<float> last = cut->value;
  const auto rows = random_maps<float>(8, cut->dim());
  const std::vector<Index> label{0, 1, 2, 0, 1, 2, 0, 1};
  const auto scores = [&](Index steps) {
    return scores_of(FineTune<Cpu>{{.steps = steps, .rate = 0.01f}, cut}, rows, label, 3, rows, cut->dim());
  };
  const auto margin = [&](const std::vector<float>& s) {
    float sum = 0;
    for (std::size_t i = 0; i < label.size(); ++i)
      sum += s[3 * i + to_size(label[i])] - (s[3 * i] + s[3 * i + 1] + s[3 * i + 2]) / 3;
    return sum;
  };
  CHECK(margin(scores(30)) > margin(scores(0)) + 0.5f);
  CHECK(made.store.value == weights);
  CHECK(made.store.state == statistics);
  CHECK(cut->value == last);
  const auto oracle = made.cut<double>();
  const auto slow = scores_of(FineTune<Oracle>{{.steps = 3}, oracle}, rows, label, 3, rows, cut->dim());
  const auto fast = scores_of(FineTune<Cpu>{{.steps = 3}, cut}, rows, label, 3, rows, cut->dim());
  for (std::size_t i = 0; i < slow.size(); ++i) CHECK(std::abs(slow[i] - fast[i]) < 1e-3f);
}

TEST_CASE("accuracies of fine-tuning do not depend on the threads") {
  const TwoStages made;
  const auto cut = made.cut();
  Features f{cut->dim(), Buffer<float>(40 * cut->dim())};
  Rng rng(5);
  for (float& v : f.rows) v = rng.uniform();
  std::vector<Index> label;
  for (Index i = 0; i < 40; ++i) label.push_back(i % 4);
  const EpisodeSampler sampler(label, {}, {3, 2, 4});
  Threads one(1), three(3);
  const FineTune<Cpu> protocol{{.steps = 4, .rate = 0.01f}, cut};
  CHECK(episode_accuracies(one, protocol, f, sampler, 12, Rng(1)) ==
        episode_accuracies(three, protocol, f, sampler, 12, Rng(1)));
}

TEST_CASE("fine-tuning says what it is and refuses what it cannot do") {
  const TwoStages made;
  const auto cut = made.cut();
  CHECK(describe(FineTune<Cpu>{}) == "fine-tuned last stage, cosine head, 20 steps at rate 0.001, scale 10");
  const std::vector<float> rows(to_size(2 * cut->dim()), 1.f);
  const auto message = [&](const FineTune<Cpu>& p, Index dim) {
    return message_of([&] { scores_of(p, rows, {0, 0}, 1, rows, dim); });
  };
  CHECK_THAT(message({{}, nullptr}, cut->dim()), Contains("no net to fine-tune"));
  CHECK_THAT(message({{}, cut}, cut->dim() / 2), Contains("not inputs of the net's last stage"));
  for (const FineTuneSettings wrong :
       {FineTuneSettings{.steps = -1}, FineTuneSettings{.rate = 0}, FineTuneSettings{.scale = 0}})
    CHECK_THAT(message({wrong, cut}, cut->dim()), Contains("evaluation.fine_tune"));
}

}  // namespace fine_tune_test

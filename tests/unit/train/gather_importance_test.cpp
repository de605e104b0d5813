#include "sseg/train/gather_importance.hpp"

#include <algorithm>
#include <cmath>

#include "small_run.hpp"
#include "sseg/train/training_views.hpp"
#include "support/away.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace gather_importance_test {

using namespace small_run;

namespace {

struct Bench {
  Cpu cpu{2};
  Images data = images();
  State state = trained(2);
  TrainingViews<Images, decltype(SmallRecipe::views)> views{cpu.threads(), data, recipe().views, 8, Rng(4)};

  ImportanceScorer<AnyCriterion> gather(const char* criterion, Index batches) {
    return gather(cpu, criterion, batches);
  }
  template <class B>
  ImportanceScorer<AnyCriterion> gather(B& backend, const char* criterion, Index batches) {
    const auto& m = state.model;
    return gather_importance(backend, m.net, m.student, m.teacher, recipe().objective, state.memory,
                             AnyCriterion(criterion), batches, {24, 24},
                             [&](Index k) -> const ViewSet::Views& { return views.at(k); });
  }
};

}  // namespace

TEST_CASE("Importance that is gathered away from the host is the same") {
  Bench b;
  Away<Cpu> away(2);
  for (const char* const criterion : {"taylor", "gradient", "snip", "magnitude"}) {
    INFO(criterion);
    const auto here = b.gather(criterion, 2), there = b.gather(away, criterion, 2);
    CHECK(std::ranges::equal(here.values(), there.values()));
  }
  CHECK(away.away().blocks() == 0);
}

TEST_CASE("Importance is gathered of stores that lie away from the host already") {
  Bench b;
  Away<Cpu> away(2);
  for (const char* const criterion : {"taylor", "magnitude"}) {
    INFO(criterion);
    const auto here = b.gather(criterion, 1);
    for (ParamStore<float>* store : {&b.state.model.student, &b.state.model.teacher}) store->move_to(memory_of(away));
    const auto there = b.gather(away, criterion, 1);
    for (ParamStore<float>* store : {&b.state.model.student, &b.state.model.teacher}) store->move_to(nullptr);
    CHECK(std::ranges::equal(here.values(), there.values()));
  }
}

TEST_CASE("Importance is never gathered of gradients that have overflowed") {
  struct ScaledCpu : Cpu {
    ScaledCpu() : Cpu(2), scale({.first = 0x1p127f, .most = 0x1p127f}) {}
    LossScale& loss_scale() { return scale; }
    LossScale scale;
  };
  Bench b;
  ScaledCpu scaled;
  for (const float v : b.gather(scaled, "taylor", 2).values()) REQUIRE(std::isfinite(v));
  CHECK(scaled.scale.skipped() > 0);
}

TEST_CASE("Gathered importance is that of the run's own gradients, and nothing is trained") {
  Bench b;
  const State before = b.state;
  const auto scores = b.gather("taylor", 3);
  CHECK(same_bits(b.state, before));
  CHECK(b.state.model.student.grad == before.model.student.grad);

  Step<float> step;
  ParamStore<float> student = b.state.model.student, teacher = b.state.model.teacher;
  LossMemory<float> memory;
  const auto loss = recipe().objective;
  std::vector<double> want(to_size(student.value.size()), -1);
  for (Index k = 0; k < 3; ++k) {
    step.run(b.cpu, b.state.model.net, student, teacher, b.views.at(k), loss, memory, {24, 24}, false);
    for (Index i = 0; i < student.value.size(); ++i) {
      const double s = std::pow(static_cast<double>(student.grad[i]) * static_cast<double>(student.value[i]), 2);
      double& w = want[to_size(i)];
      w = k == 0 ? s : 0.9 * w + 0.1 * s;
    }
  }
  REQUIRE_FALSE(scores.tensors().empty());
  double largest = 0;
  for (const PrunableTensor& t : scores.tensors())
    for (Index i = t.offset; i < t.offset + t.count(); ++i) {
      CHECK(static_cast<double>(scores.values()[to_size(i)]) == Approx(want[to_size(i)]).epsilon(1e-4).margin(1e-20));
      largest = std::max(largest, want[to_size(i)]);
    }
  CHECK(largest > 0);
}

TEST_CASE("Magnitude is the weights' own and needs no batch") {
  Bench b;
  const auto scores = b.gather("magnitude", 0);
  for (const PrunableTensor& t : scores.tensors())
    for (Index i = t.offset; i < t.offset + t.count(); ++i)
      CHECK(scores.values()[to_size(i)] == std::abs(b.state.model.student.value[i]));
  CHECK(b.gather("random", 0).seen(scores.tensors().front()));
}

TEST_CASE("Importance of gradients needs a batch") {
  Bench b;
  CHECK_THAT(sseg_test::message_of([&] { b.gather("taylor", 0); }), sseg_test::Contains("give one batch or more"));
}

}  // namespace gather_importance_test

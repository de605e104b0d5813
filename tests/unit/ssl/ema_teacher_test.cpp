#include "sseg/ssl/ema_teacher.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/norm_relu_pool.hpp"
#include "sseg/net/chain.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/trace.hpp"
#include "sseg/optim.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace ema_teacher_test {

using sseg::EmaTeacher;
using sseg::Index;
using sseg::ParamStore;
using sseg::Reference;
using sseg::Rng;

namespace {

auto small_net(Index channels) {
  return sseg::chain(sseg::Conv2d{.in = 1, .out = channels}, sseg::NormReluPool{.channels = channels, .pool = 2});
}

}  // namespace

TEST_CASE("the decay of the average rises to its value") {
  const EmaTeacher teacher{.decay = 0.9f, .warm_up = true};
  const auto decay_at = [](const EmaTeacher& t, Index step) { return t.decay_at({step, 1000000}); };
  CHECK(decay_at(teacher, 0) == Approx(0.1f));
  CHECK(decay_at(teacher, 8) == Approx(0.5f));
  CHECK(decay_at(teacher, 79) == Approx(80.f / 89));
  CHECK(decay_at(teacher, 80) == Approx(0.9f));
  CHECK(decay_at(teacher, 1000000) == 0.9f);
  CHECK(decay_at({.decay = 0.9f, .warm_up = false}, 0) == 0.9f);
  CHECK(decay_at({.decay = 0.05f, .warm_up = true}, 0) == 0.05f);
}

TEST_CASE("without a final decay the decay is the same throughout") {
  EmaTeacher teacher{.decay = 0.8f, .warm_up = false};
  CHECK(teacher.final_decay == 0.8f);
  CHECK(EmaTeacher{}.final_decay == 0.996f);
  for (const Index step : {0, 1, 37, 50, 99, 100}) CHECK(teacher.decay_at({step, 100}) == 0.8f);
}

TEST_CASE("the decay rises to its final value by the cosine rule, after its warm-up") {
  const EmaTeacher teacher{.decay = 0.5f, .final_decay = 0.9f, .warm_up = false};
  CHECK(teacher.decay_at({0, 100}) == 0.5f);
  CHECK(teacher.decay_at({25, 100}) == Approx(0.9 - 0.4 * 0.5 * (1 + std::sqrt(0.5))));
  CHECK(teacher.decay_at({50, 100}) == Approx(0.7f));
  CHECK(teacher.decay_at({100, 100}) == 0.9f);
  EmaTeacher warm = teacher;
  warm.warm_up = true;
  CHECK(warm.decay_at({0, 100}) == Approx(0.1f));
  CHECK(warm.decay_at({4, 100}) == Approx(5.f / 14));
  CHECK(warm.decay_at({50, 100}) == teacher.decay_at({50, 100}));
}

TEST_CASE("the teacher is the moving average of the student, values and state") {
  const auto run = [](auto&& backend, bool warm_up, double tolerance) {
    using T = typename std::remove_cvref_t<decltype(backend)>::Scalar;
    const EmaTeacher average{.decay = 0.75f, .warm_up = warm_up};
    auto student = sseg::make_store<T>(small_net(3), 0, Rng(1));
    auto teacher = sseg::make_store<T>(small_net(3), 0, Rng(2));
    std::vector<double> value(teacher.value.begin(), teacher.value.end());
    std::vector<double> state(teacher.state.begin(), teacher.state.end());
    Rng rng(3);
    for (Index step = 0; step < 40; ++step) {
      for (T& v : student.value) v = static_cast<T>(rng.normal());
      for (T& v : student.state) v = static_cast<T>(rng.uniform());
      const auto before = student.value;
      average.update(backend, student, teacher, {step, 40});
      const double m =
          warm_up ? std::min(0.75, (1.0 + static_cast<double>(step)) / (10.0 + static_cast<double>(step))) : 0.75;
      for (std::size_t i = 0; i < value.size(); ++i)
        value[i] = m * value[i] + (1 - m) * static_cast<double>(student.value[static_cast<Index>(i)]);
      for (std::size_t i = 0; i < state.size(); ++i)
        state[i] = m * state[i] + (1 - m) * static_cast<double>(student.state[static_cast<Index>(i)]);
      REQUIRE(student.value == before);
    }
    double most = 0;
    for (std::size_t i = 0; i < value.size(); ++i)
      most = std::max(most, std::abs(value[i] - static_cast<double>(teacher.value[static_cast<Index>(i)])));
    for (std::size_t i = 0; i < state.size(); ++i)
      most = std::max(most, std::abs(state[i] - static_cast<double>(teacher.state[static_cast<Index>(i)])));
    CHECK(most < tolerance);
    CHECK(std::all_of(teacher.grad.begin(), teacher.grad.end(), [](T g) { return g == 0; }));
  };
  for (const bool warm_up : {true, false}) {
    run(Reference<double>(), warm_up, 1e-6);  // the decay itself is a float
    run(sseg::Cpu(2), warm_up, 2e-6);
  }
}

TEST_CASE("the update uses the decay of its step") {
  Reference<double> backend;
  auto student = sseg::make_store<double>(small_net(3), 0, Rng(1));
  auto teacher = sseg::make_store<double>(small_net(3), 0, Rng(2));
  const auto before = teacher.value;
  EmaTeacher{.decay = 0.5f, .final_decay = 0.75f, .warm_up = false}.update(backend, student, teacher, {10, 20});
  for (Index i = 0; i < before.size(); ++i)
    REQUIRE(teacher.value[i] == Approx(0.625 * before[i] + 0.375 * student.value[i]).margin(1e-7));
}

namespace {

/// Trains nothing but runs a net forward on far-off pictures while the teacher follows, and looks at the teacher in
/// evaluation mode: how far its outputs are from those with the statistics of the batch itself.
struct StatisticsBed {
  sseg::Cpu backend{1};
  decltype(small_net(4)) net = small_net(4);
  ParamStore<float> student = sseg::make_store<float>(net, 0, Rng(5)), teacher = student;
  sseg::Trace<float> trace;
  sseg::Shape shape{16, 6, 6, 1};
  std::vector<float> x = std::vector<float>(static_cast<std::size_t>(shape.count()));

  void follow(EmaTeacher::Statistics statistics, bool teacher_runs) {
    Rng rng(6);
    for (Index step = 0; step < 80; ++step) {
      for (float& v : x) v = 5 + 3 * rng.normal();  // far from mean 0 and variance 1
      trace.forward(backend, net, student, {x.data(), shape}, sseg::Mode::train);
      if (teacher_runs) trace.forward(backend, net, teacher, {x.data(), shape}, sseg::Mode::train);
      EmaTeacher{.decay = 0.9f, .statistics = statistics}.update(backend, student, teacher, {step, 80});
    }
  }
  double distance_from_batch_statistics() {
    const auto y = trace.forward(backend, net, teacher, {x.data(), shape}, sseg::Mode::train, false).flat();
    const std::vector<float> right(y.begin(), y.end());
    const auto seen = trace.infer(backend, net, teacher, {x.data(), shape}).flat();
    double most = 0;
    for (std::size_t i = 0; i < right.size(); ++i)
      most = std::max(most, static_cast<double>(std::abs(seen[i] - right[i])));
    return most;
  }
};

}  // namespace

TEST_CASE("a teacher whose running statistics did not follow sees another world in evaluation mode") {
  using Statistics = EmaTeacher::Statistics;
  const auto distance = [](Statistics statistics, bool teacher_runs) {
    StatisticsBed bed;
    bed.follow(statistics, teacher_runs);
    return bed.distance_from_batch_statistics();
  };
  CHECK(distance(Statistics::own, false) > 1.0);  // nobody moves them
  CHECK(distance(Statistics::own, true) < 0.25);
  CHECK(distance(Statistics::average, false) < 0.25);
  CHECK(distance(Statistics::student, false) < 0.25);
  CHECK(EmaTeacher{}.statistics == Statistics::average);
}

TEST_CASE("each rule for the statistics does what it says to the state, and the same to the values") {
  using Statistics = EmaTeacher::Statistics;
  sseg::Cpu backend(2);
  auto student = sseg::make_store<float>(small_net(3), 0, Rng(1));
  auto start = sseg::make_store<float>(small_net(3), 0, Rng(2));
  Rng rng(3);
  for (float& v : student.state) v = rng.uniform();
  for (float& v : start.state) v = rng.uniform();
  const auto updated = [&](Statistics statistics) {
    auto teacher = start;
    EmaTeacher{.decay = 0.75f, .warm_up = false, .statistics = statistics}.update(backend, student, teacher, {});
    return teacher;
  };
  const auto average = updated(Statistics::average), copied = updated(Statistics::student),
             own = updated(Statistics::own);
  for (Index i = 0; i < start.state.size(); ++i)
    REQUIRE(average.state[i] == Approx(0.75f * start.state[i] + 0.25f * student.state[i]));
  CHECK(copied.state == student.state);
  CHECK(own.state == start.state);
  CHECK(average.value == own.value);
  CHECK(copied.value == own.value);
  CHECK_FALSE(own.value == start.value);
}

TEST_CASE("a teacher of another layout is refused") {
  Reference<float> backend;
  const auto student = sseg::make_store<float>(small_net(3), 0, Rng(1));
  auto wider = sseg::make_store<float>(small_net(4), 0, Rng(1));
  CHECK_THAT(sseg_test::message_of([&] { EmaTeacher{}.update(backend, student, wider, {}); }),
             sseg_test::Contains("another layout"));
  auto no_state = student;
  no_state.state.resize(0);
  CHECK_THAT(sseg_test::message_of([&] { EmaTeacher{}.update(backend, student, no_state, {}); }),
             sseg_test::Contains("another layout"));
}

namespace {

/// An optimizer of a user, who knows of no averages.
struct Plain {
  static constexpr std::string_view name = "plain";
  static constexpr int moments = 2;
  bool operator==(const Plain&) const = default;
  template <class B>
  void update(B&, ParamStore<typename B::Scalar>& store, float rate) const {
    for (Index i = 0; i < store.value.size(); ++i) store.value[i] -= rate * store.grad[i];
  }
};

template <class O, class B>
void averages_as_two_sweeps_do(const O& optimizer, B& backend) {
  using T = typename B::Scalar;
  const auto net = small_net(5);
  const EmaTeacher rule{.decay = 0.9f};
  ParamStore<T> student = sseg::make_store<T>(net, O::moments, Rng(1)), teacher = student;
  for (Index i = 0; i < student.grad.size(); ++i) student.grad[i] = static_cast<T>(i % 7 - 3);
  for (Index i = 0; i < teacher.value.size(); ++i) teacher.value[i] += static_cast<T>(0.25);
  auto one = student, one_teacher = teacher;
  for (Index step = 0; step < 3; ++step) {
    optimizer.update(backend, one, 0.1f);
    rule.update(backend, one, one_teacher, {step, 10});
    rule.update_after(optimizer, backend, student, teacher, 0.1f, {step, 10});
  }
  CHECK((student.value == one.value && student.state == one.state));
  CHECK((teacher.value == one_teacher.value && teacher.state == one_teacher.state));
  CHECK_FALSE(teacher.value == student.value);
}

}  // namespace

TEST_CASE("the teacher's average in the optimizer's sweep is that of a sweep of its own") {
  sseg::Cpu cpu(1);
  Reference<float> reference;
  const auto with_both = [&](const auto& optimizer) {
    averages_as_two_sweeps_do(optimizer, cpu);
    averages_as_two_sweeps_do(optimizer, reference);
  };
  with_both(sseg::AdamW{});
  with_both(sseg::Sgd{});
  with_both(sseg::Clipped<sseg::AdamW>{{}, {.norm = 0.5f}});
  with_both(sseg::AnyOptimizer{sseg::AdamW{}});
  with_both(sseg::AnyOptimizer{sseg::Sgd{}});
  with_both(Plain{});
  static_assert(Plain::name == "plain");
  with_both(sseg::Clipped<Plain>{});
  with_both(sseg::OneOf<Plain, sseg::AdamW>{Plain{}});
  with_both(sseg::OneOf<Plain, sseg::AdamW>{sseg::AdamW{}});
  static_assert(sseg::TakesAverage<sseg::Clipped<sseg::AdamW>, sseg::Cpu, ParamStore<float>>);
  static_assert(!sseg::TakesAverage<sseg::Clipped<Plain>, sseg::Cpu, ParamStore<float>>);
}

}  // namespace ema_teacher_test

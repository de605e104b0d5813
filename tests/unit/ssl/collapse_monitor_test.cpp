#include "sseg/ssl/collapse_monitor.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace collapse_monitor_test {

using namespace sseg;
using sseg_test::Contains;

namespace {

/// A batch of features and, when asked for, teacher logits.
struct Batch {
  std::vector<float> z, teacher;
  Index cols = 8, prototypes = 6;

  CollapseSample<float> sample() const {
    CollapseSample<float> s;
    s.z = {z.data(), {static_cast<Index>(z.size()) / cols, cols}};
    if (!teacher.empty()) s.teacher = {teacher.data(), {static_cast<Index>(teacher.size()) / prototypes, prototypes}};
    return s;
  }
};

constexpr Index rows = 32;

/// noise·N(0, 1) in every dimension, on one shared direction.
Batch features(float noise, std::uint64_t seed = 1) {
  Batch b;
  Rng rng(seed);
  for (Index i = 0; i < rows * b.cols; ++i) b.z.push_back(noise * rng.normal() + (i % b.cols == 0 ? 1.f : 0.f));
  return b;
}
Batch good() { return features(1.f); }
Batch constant() { return features(1e-4f); }
Batch on_a_line() {
  Batch b;
  Rng rng(2);
  for (Index i = 0; i < rows * b.cols; ++i) b.z.push_back(i % b.cols == 3 ? 4 * rng.normal() : 0.f);
  return b;
}
/// Logits in which picture r prefers prototype choice(r), by `sharp`.
template <class Choice>
Batch taught(Batch b, float sharp, Choice&& choice) {
  for (Index r = 0; r < rows; ++r)
    for (Index k = 0; k < b.prototypes; ++k) b.teacher.push_back(k == choice(r) ? sharp : 0.f);
  return b;
}
Batch taught_well() {
  return taught(good(), 20.f, [](Index r) { return r % 6; });
}

Collapse verdict(const Batch& b, double loss = CollapseReport::unknown, Index choices = 0) {
  CollapseMonitor monitor;
  CollapseMemory memory;
  auto s = b.sample();
  s.loss = loss;
  s.choices = choices;
  return monitor.observe(memory, s).verdict;
}

}  // namespace

TEST_CASE("healthy, constant and low-rank features are told apart") {
  CHECK(verdict(good()) == Collapse::healthy);
  CHECK(verdict(constant()) == Collapse::constant);
  CHECK(verdict(on_a_line()) == Collapse::low_rank);
}

TEST_CASE("the teacher shows a uniform and a one-hot collapse") {
  CHECK(verdict(taught_well()) == Collapse::healthy);
  CHECK(verdict(taught(good(), 0.01f, [](Index r) { return r % 6; })) == Collapse::uniform);
  CHECK(verdict(taught(good(), 20.f, [](Index) { return 4; })) == Collapse::constant);
  // Undecided about every picture is not yet uniform.
  CHECK(verdict(taught(good(), 2.f, [](Index r) { return r % 6; })) == Collapse::healthy);
}

TEST_CASE("without a teacher, a loss that stands at ln K shows a uniform collapse") {
  const double ln_k = std::log(127.0);
  CHECK(verdict(good(), 1.001 * ln_k, 127) == Collapse::uniform);
  CHECK(verdict(good(), 0.999 * ln_k, 127) == Collapse::uniform);
  CHECK(verdict(good(), 0.8 * ln_k, 127) == Collapse::healthy);
  CHECK(verdict(good(), 1.5 * ln_k, 127) == Collapse::healthy);   // bad, but not that
  CHECK(verdict(good(), ln_k, 0) == Collapse::healthy);           // K is not known
  CHECK(verdict(constant(), ln_k, 127) == Collapse::constant);    // says more
  CHECK(verdict(taught_well(), ln_k, 127) == Collapse::healthy);  // the student has not caught up: the teacher counts
}

TEST_CASE("NT-Xent of constant features is ln of 2N − 1, which the monitor sees as 1") {
  Reference<double> backend;
  const Index n = 5, cols = 3;
  std::vector<double> z(to_size(2 * n * cols), 0.5), dz(z.size());
  std::vector<Index> positive;
  for (Index i = 0; i < 2 * n; ++i) positive.push_back((i + n) % (2 * n));
  const NtXent loss{.temperature = 0.1f};
  const Shape shape{2 * n, cols};
  std::vector<double> scratch(to_size(loss.scratch(shape)));
  LossArgs<double> args{};
  args.z = {z.data(), shape};
  args.dz = {dz.data(), shape};
  args.positive = positive;
  args.scratch = scratch;
  CollapseSample<double> s;
  s.z = args.z;
  s.loss = loss(backend, args);
  s.choices = 2 * n - 1;
  CollapseMonitor monitor;
  CollapseMemory memory;
  CHECK(monitor.observe(memory, s).loss_over_ln_k == Approx(1).epsilon(1e-9));
  CHECK(monitor.last().verdict == Collapse::constant);
}

TEST_CASE("a report holds the numbers behind its verdict") {
  CollapseMonitor monitor;
  CollapseMemory memory;
  auto batch = taught_well();
  auto s = batch.sample();
  s.step = 150;
  s.loss = 2;
  s.choices = 6;
  const CollapseReport& r = monitor.observe(memory, s);
  CHECK(r.step == 150);
  CHECK(r.most_rank == 8);
  CHECK(r.feature_std == SpreadMeter()(s.z).std);
  CHECK(r.effective_rank == SpreadMeter()(s.z).effective_rank);
  CHECK(r.teacher_entropy == EntropyMeter()(s.teacher, true).each);
  CHECK(r.mean_entropy == EntropyMeter()(s.teacher, true).mean);
  CHECK(r.loss_over_ln_k == Approx(2 / std::log(6.0)));
  // What is not given this time is not remembered from the last.
  s.teacher = {};
  s.choices = 0;
  CHECK(std::isnan(monitor.observe(memory, s).teacher_entropy));
  CHECK(std::isnan(monitor.last().mean_entropy));
  CHECK(std::isnan(monitor.last().loss_over_ln_k));
}

TEST_CASE("probabilities and logits of the same teacher give the same report") {
  auto batch = taught(good(), 2.f, [](Index r) { return r % 6; });
  CollapseMonitor monitor;
  CollapseMemory memory;
  const double wanted = monitor.observe(memory, batch.sample()).teacher_entropy;
  for (Index r = 0; r < rows; ++r) {
    double sum = 0;
    for (Index k = 0; k < 6; ++k) sum += std::exp(static_cast<double>(batch.teacher[to_size(r * 6 + k)]));
    for (Index k = 0; k < 6; ++k) {
      float& v = batch.teacher[to_size(r * 6 + k)];
      v = static_cast<float>(std::exp(static_cast<double>(v)) / sum);
    }
  }
  auto s = batch.sample();
  s.logits = false;
  CHECK(monitor.observe(memory, s).teacher_entropy == Approx(wanted).epsilon(1e-4));
}

TEST_CASE("a verdict is confirmed when patience looks in a row agree, and told once per change") {
  CollapseConfig config;
  config.patience = 3;
  config.stop = true;
  CollapseMonitor monitor(config);
  CollapseMemory memory;
  const Batch healthy = good(), bad = constant(), line = on_a_line();
  const auto look = [&](const Batch& b) {
    monitor.observe(memory, b.sample());
    return monitor.changed();
  };
  CHECK_FALSE(look(healthy));
  CHECK_FALSE(look(healthy));
  CHECK_FALSE(look(healthy));  // as before the first look: no news
  CHECK_FALSE(look(bad));
  CHECK_FALSE(look(bad));
  CHECK_FALSE(look(healthy));  // the count starts anew
  CHECK_FALSE(look(bad));
  CHECK_FALSE(look(bad));
  CHECK(memory.confirmed == Collapse::healthy);
  CHECK_FALSE(monitor.should_stop(memory));
  CHECK(look(bad));
  CHECK(memory.confirmed == Collapse::constant);
  CHECK(monitor.should_stop(memory));
  CHECK_FALSE(look(bad));  // told once
  CHECK(monitor.should_stop(memory));
  CHECK_FALSE(look(line));
  CHECK_FALSE(look(line));
  CHECK(look(line));  // another collapse is news
  CHECK(memory.confirmed == Collapse::low_rank);
  CHECK_FALSE(look(healthy));
  CHECK_FALSE(look(healthy));
  CHECK(look(healthy));  // and so is recovery
  CHECK_FALSE(monitor.should_stop(memory));
}

TEST_CASE("another monitor goes on from what the first one remembers") {
  CollapseConfig config;
  config.patience = 2;
  CollapseMonitor first(config), second(config);
  CollapseMemory memory;
  first.observe(memory, constant().sample());
  CHECK(memory == CollapseMemory{Collapse::constant, 1, Collapse::healthy});
  second.observe(memory, constant().sample());
  CHECK(second.changed());
  CHECK(memory == CollapseMemory{Collapse::constant, 2, Collapse::constant});
  first.observe(memory, constant().sample());
  CHECK_FALSE(first.changed());
}

TEST_CASE("verdicts have names that lead back to them") {
  for (const Collapse c : {Collapse::healthy, Collapse::uniform, Collapse::constant, Collapse::low_rank})
    CHECK(collapse_of(to_string(c)) == c);
  CHECK_FALSE(collapse_of("well").has_value());
}

TEST_CASE("a monitor that is not to stop the run does not, and one that looks never is never due") {
  CollapseConfig config;
  config.patience = 1;
  CollapseMonitor monitor(config);
  CollapseMemory memory;
  monitor.observe(memory, constant().sample());
  CHECK(memory.confirmed == Collapse::constant);
  CHECK_FALSE(monitor.should_stop(memory));
  CHECK((monitor.due(0) && monitor.due(50) && monitor.due(100)));
  CHECK_FALSE((monitor.due(1) || monitor.due(51)));
  config.every = 0;
  CHECK_FALSE((CollapseMonitor(config).due(0) || CollapseMonitor(config).due(50)));
}

TEST_CASE("the limits are those of the configuration") {
  CollapseConfig config;
  const auto seen = [&](const Batch& b) {
    CollapseMemory memory;
    return CollapseMonitor(config).observe(memory, b.sample()).verdict;
  };
  config.min_std = 2;
  CHECK(seen(good()) == Collapse::constant);
  config = {};
  config.min_rank = 100;  // beyond half the possible rank, half of it counts
  CHECK(seen(good()) == Collapse::healthy);
  CHECK(seen(on_a_line()) == Collapse::low_rank);
  config = {};
  config.min_rank = 0.5;
  CHECK(seen(on_a_line()) == Collapse::healthy);
  config = {};
  config.entropy_high_share = 0.3;
  CHECK(seen(taught(good(), 2.f, [](Index r) { return r % 6; })) == Collapse::uniform);
  config = {};
  config.entropy_low_share = 0.98;
  CHECK(seen(taught(good(), 20.f, [](Index r) { return r % 4; })) == Collapse::constant);
}

TEST_CASE("messages name what happened, the numbers, and a cure") {
  const auto message = [](const Batch& b, double loss = CollapseReport::unknown) {
    CollapseMonitor monitor;
    CollapseMemory memory;
    auto s = b.sample();
    s.step = 300;
    s.loss = loss;
    s.choices = 127;
    return monitor.observe(memory, s).message();
  };
  const std::string healthy = message(good());
  CHECK_THAT(healthy, Contains("step 300: the features are healthy (std "));
  CHECK_THAT(healthy, Contains("of 8)"));
  CHECK_THAT(message(constant()), Contains("all pictures have the same features"));
  CHECK_THAT(message(constant()), Contains("NT-Xent"));
  CHECK_THAT(message(on_a_line()), Contains("very few directions (std"));
  CHECK_THAT(message(on_a_line()), Contains("effective rank 1 of 8"));
  CHECK_THAT(message(good(), std::log(127.0)), Contains("loss 1 of ln K"));
  CHECK_THAT(message(good(), std::log(127.0)), Contains("distort the pictures less"));
  const std::string uniform = message(taught(good(), 0.f, [](Index) { return 0; }));
  CHECK_THAT(uniform, Contains("the teacher's outputs are uniform"));
  CHECK_THAT(uniform, Contains("teacher entropy 1 and of its mean 1 of ln K"));
  CHECK_THAT(uniform, Contains("lower the teacher's temperature"));
  const std::string one_hot = message(taught(good(), 90.f, [](Index) { return 2; }));
  CHECK_THAT(one_hot, Contains("the same prototype"));
  CHECK_THAT(one_hot, Contains("centre the teacher's outputs"));
}

TEST_CASE("verdicts have names, and a report's numbers are reflected") {
  CHECK(to_string(Collapse::healthy) == "healthy");
  CHECK(to_string(Collapse::uniform) == "uniform");
  CHECK(to_string(Collapse::constant) == "constant");
  CHECK(to_string(Collapse::low_rank) == "low_rank");
  std::string names;
  const CollapseReport report;
  for_each_field(report, [&](std::string_view name, const auto&) { names += std::string(name) + " "; });
  CHECK(names == "step feature_std effective_rank most_rank teacher_entropy mean_entropy loss_over_ln_k ");
}

TEST_CASE("a monitor refuses numbers that make no sense") {
  const auto refused = [](auto&& change) {
    CollapseConfig config;
    change(config);
    return sseg_test::message_of([&] { CollapseMonitor{config}; }).find("make no sense") != std::string::npos;
  };
  CHECK_FALSE(refused([](CollapseConfig&) {}));
  CHECK(refused([](CollapseConfig& c) { c.every = -1; }));
  CHECK(refused([](CollapseConfig& c) { c.patience = 0; }));
  CHECK(refused([](CollapseConfig& c) { c.entropy_low_share = -0.1; }));
  CHECK(refused([](CollapseConfig& c) { c.entropy_high_share = 1.1; }));
  CHECK(refused([](CollapseConfig& c) { c.entropy_low_share = c.entropy_high_share; }));
}

}  // namespace collapse_monitor_test

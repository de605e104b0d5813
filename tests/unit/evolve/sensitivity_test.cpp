#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "sseg/evolve/growing.hpp"
#include "sseg/evolve/sensitivity_meter.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/net/seed_network.hpp"
#include "support/catch.hpp"

namespace sensitivity_test {

using namespace sseg;

namespace {

const Shape image{8, 8, 1};
using Net = Learner<>;

Net net() {
  auto cnn = SeedNetwork{.initial_channels = 3, .num_blocks = 2}.build(image);
  residuals(stages(cnn)[1]).push_back(make_identity_block(3));
  return make_learner(cnn, image, 6, 5);
}

/// Random weights and gradients.
ParamStore<double> store(const Net& n, std::uint64_t seed = 1) {
  auto s = make_store<double>(n, 0, Rng(1));
  Rng rng(seed);
  for (Index i = 0; i < s.value.size(); ++i) {
    s.value[i] = static_cast<double>(rng.normal());
    s.grad[i] = static_cast<double>(rng.normal());
  }
  return s;
}

/// Σ f(g, w) over the stage's parameters whose last position is `channel`.
template <class F>
double sum_over(const ParamStore<double>& s, const std::string& prefix, Index width, Index channel, F&& f) {
  double sum = 0;
  for (const auto& e : s.entries)
    if (e.is_param() && e.desc.key.find(prefix) == 0)
      for (Index i = 0; i < e.count(); ++i)
        if (i % width == channel) sum += f(s.grad[e.offset + i], s.value[e.offset + i]);
  return sum;
}

template <class Sensitivity, class F>
void check_sums(F&& f) {
  const Net n = net();
  const auto s = store(n), later = store(n, 2);
  Sensitivity sensitivity(0.75);
  sensitivity.observe(n, s);
  sensitivity.observe(n, later);
  REQUIRE(sensitivity.values().size() == 2);
  for (Index stage = 0; stage < 2; ++stage) {
    const std::string prefix = stage_key(stage) + "/";
    REQUIRE(sensitivity.channels(stage).size() == 3);
    double sum = 0;
    for (Index c = 0; c < 3; ++c) {
      const double wanted = 0.75 * 0.25 * sum_over(s, prefix, 3, c, f) + 0.25 * sum_over(later, prefix, 3, c, f);
      CHECK(sensitivity.channels(stage)[to_size(c)] == Approx(wanted));
      sum += wanted;
    }
    CHECK(sensitivity.values()[to_size(stage)] == Approx(sum));
  }
}

}  // namespace

TEST_CASE("Taylor sensitivity of a channel is the sum of its weights' (g·w)² in the whole stream") {
  check_sums<TaylorSensitivity>([](double g, double w) { return g * w * g * w; });
}

TEST_CASE("Gradient norm sensitivity of a channel is the sum of its weights' g²") {
  check_sums<GradientNormSensitivity>([](double g, double) { return g * g; });
}

TEST_CASE("Keep ratio is the share of a stage's kernel weights among the most important of the backbone") {
  const Net n = net();
  const auto s = store(n);
  std::vector<double> scores;
  const auto each_kernel = [&](const std::string& prefix, auto&& f) {
    for (const auto& e : s.entries)
      if (e.desc.key.starts_with(prefix) && e.desc.shape.rank == 4)
        for (Index i = 0; i < e.count(); ++i) f(i, std::pow(s.grad[e.offset + i] * s.value[e.offset + i], 2));
  };
  each_kernel("net/0/", [&](Index, double score) { scores.push_back(score); });
  std::sort(scores.rbegin(), scores.rend());
  REQUIRE(scores.size() == 27 + 81 + 81);
  for (const double keep : {0.5, 0.2, 1.0}) {
    const double least = scores[static_cast<std::size_t>(keep * 189) - 1];
    KeepRatioSensitivity sensitivity(keep, 0.5);
    sensitivity.observe(n, s);
    double all = 0;
    for (Index stage = 0; stage < 2; ++stage) {
      double kept[3] = {}, weights = 0;
      each_kernel(stage_key(stage) + "/", [&](Index i, double score) {
        kept[i % 3] += score >= least;
        ++weights;
      });
      all += 2 * sensitivity.values()[to_size(stage)] * weights;
      CHECK(sensitivity.values()[to_size(stage)] == Approx(0.5 * (kept[0] + kept[1] + kept[2]) / weights));
      for (std::size_t c = 0; c < 3; ++c)
        CHECK(sensitivity.channels(stage)[c] == Approx(0.5 * kept[c] / (weights / 3)).margin(1e-12));
    }
    CHECK(all == Approx(std::floor(keep * 189)));
  }
  CHECK_THROWS_AS(KeepRatioSensitivity(0), Error);
  CHECK_THROWS_AS(KeepRatioSensitivity(1.5), Error);
}

TEST_CASE("Keep ratio takes a router's masks, and refuses those of another net") {
  const Net n = net();
  const auto s = store(n);
  Masks masks{Buffer<std::uint8_t>(s.value.size())};
  std::fill(masks.paths.begin(), masks.paths.end(), Masks::both);
  const auto& e = s.at("net/0/0/#0/0/0/weight");
  for (Index i = 0; i < 9; ++i) masks.put(e.offset + i, false);
  KeepRatioSensitivity sensitivity(0.5, 0);
  sensitivity.observe(n, s, masks);
  CHECK(sensitivity.values()[0] == Approx(18. / 27));
  CHECK(sensitivity.values()[1] == 1);
  masks.paths.resize(5);
  CHECK_THROWS_AS(sensitivity.observe(n, s, masks), Error);
}

TEST_CASE("Averages stay with their stage when one is inserted before it, and with old channels of a wider one") {
  Net n = net();
  TaylorSensitivity sensitivity(0.5);
  sensitivity.observe(n, store(n));
  const std::vector<double> before(sensitivity.values().begin(), sensitivity.values().end());
  const std::vector<double> channels(sensitivity.channels(1).begin(), sensitivity.channels(1).end());

  Net longer = n;
  stages(backbone(longer)).insert(1, make_stage(3, 3, 1));
  sensitivity.align(longer);
  CHECK(std::vector<double>(sensitivity.values().begin(), sensitivity.values().end()) ==
        std::vector<double>{before[0], 0, before[1]});

  const Net wider = Widen{}.apply(longer, {2, 5});
  sensitivity.align(wider);
  CHECK(sensitivity.values()[2] == before[1]);
  REQUIRE(sensitivity.channels(2).size() == 5);
  for (std::size_t c = 0; c < 3; ++c) CHECK(sensitivity.channels(2)[c] == channels[c]);
  CHECK(sensitivity.channels(2)[4] == 0);
  sensitivity.observe(wider, store(wider));
  CHECK(sensitivity.channels(2)[4] > 0);
}

TEST_CASE("A restored sensitivity goes on as the one that was saved") {
  const Net n = net();
  for (const char* method : {"taylor", "gradient_norm", "keep_ratio"}) {
    SensitivityMeter whole(method), parts(method), values_only(method);
    CHECK(whole.method() == method);
    CHECK(whole.values().empty());
    whole.observe(n, store(n, 1));
    parts.restore(whole.record());
    values_only.restore({whole.values().begin(), whole.values().end()});
    CHECK(std::equal(whole.values().begin(), whole.values().end(), values_only.values().begin()));
    for (auto* m : {&whole, &parts, &values_only}) m->observe(n, store(n, 2));
    CHECK(whole.record() == parts.record());
    CHECK(whole.record().value == values_only.record().value);
    CHECK(whole.values()[0] != whole.values()[1]);
    CHECK(std::equal(whole.channels(1).begin(), whole.channels(1).end(), parts.channels(1).begin()));
    StageScoresRecord broken = whole.record();
    broken.channel.pop_back();
    CHECK_THROWS_AS(parts.restore(broken), Error);
  }
}

TEST_CASE("A meter measures by the method that its name says, and names the choices") {
  const Net n = net();
  const auto s = store(n);
  SensitivityMeter taylor, norm("gradient_norm"), ratio("keep_ratio");
  TaylorSensitivity a;
  GradientNormSensitivity b;
  KeepRatioSensitivity c;
  for (auto* m : {&taylor, &norm, &ratio}) m->observe(n, s);
  a.observe(n, s);
  b.observe(n, s);
  c.observe(n, s);
  CHECK(taylor.values()[0] == a.values()[0]);
  CHECK(norm.values()[0] == b.values()[0]);
  CHECK(ratio.values()[0] == c.values()[0]);
  try {
    SensitivityMeter wrong("fisher");
    FAIL("no error");
  } catch (const Error& e) {
    CHECK(std::string(e.what()).find("'fisher'") != std::string::npos);
    CHECK(e.cure().find("taylor, gradient_norm or keep_ratio") != std::string::npos);
  }
}

}  // namespace sensitivity_test

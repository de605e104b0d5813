#include "sseg/fewshot/transductive_prototypes.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/fewshot/evaluate.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "support/catch.hpp"
#include "unit/fewshot/scores_of.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace transductive_prototypes_test {

using sseg::Index;
using sseg::TransductivePrototypes;
using sseg_test::scores_of;

TEST_CASE("without a step these are prototypes of unit features") {
  const std::vector<float> support{4, 0, 0, 3, 3, 4, 0, 5}, query{2, 1, -1, 4};
  const auto s = scores_of(TransductivePrototypes{.steps = 0}, support, {0, 1, 0, 1}, 2, query, 2);
  const auto e = scores_of(sseg::Prototypes<sseg::SquaredEuclidean>{}, {1, 0, 0, 1, 0.6f, 0.8f, 0, 1}, {0, 1, 0, 1}, 2,
                           {2 / std::sqrt(5.f), 1 / std::sqrt(5.f), -1 / std::sqrt(17.f), 4 / std::sqrt(17.f)}, 2);
  for (std::size_t i = 0; i < s.size(); ++i) CHECK(std::abs(s[i] - e[i]) < 1e-6f);
}

TEST_CASE("one step of soft k-means by hand") {
  // Centres (1, 0) and (0, 1); one query at 45° belongs to both by half: c_0 = ((1, 0) + ½q)/1.5.
  const float h = std::sqrt(0.5f);
  const auto even = scores_of(TransductivePrototypes{.steps = 1, .scale = 3}, {1, 0, 0, 1}, {0, 1}, 2, {1, 1}, 2);
  const double x = (1 + 0.5 * static_cast<double>(h)) / 1.5 - static_cast<double>(h),
               y = 0.5 * static_cast<double>(h) / 1.5 - static_cast<double>(h);
  CHECK(static_cast<double>(even[0]) == Approx(-(x * x + y * y)).epsilon(1e-5));
  CHECK(even[0] == Approx(even[1]));
  // A query (1, 0) at distance² 0 and 2: z = 1/(1 + e^-6) with scale 3.
  const auto one = scores_of(TransductivePrototypes{.steps = 1, .scale = 3}, {1, 0, 0, 1}, {0, 1}, 2, {5, 0}, 2);
  const double z = std::exp(-6.0) / (1 + std::exp(-6.0)), cx = z / (1 + z), cy = 1 / (1 + z);
  CHECK(std::abs(one[0]) < 1e-6f);
  CHECK(static_cast<double>(one[1]) == Approx(-((1 - cx) * (1 - cx) + cy * cy)).epsilon(1e-5));
}

TEST_CASE("queries that lie in clusters help to place the prototypes") {
  // Clusters around two directions; the support is at their edges.
  sseg::Features f{8, sseg::Buffer<float>(400 * 8)};
  sseg::Rng rng(3);
  std::vector<Index> label;
  for (Index i = 0; i < 400; ++i) {
    label.push_back(i % 4);
    for (Index d = 0; d < 8; ++d) f.rows[i * 8 + d] = (d == i % 4 ? 1.f : 0.f) + 0.35f * rng.normal();
  }
  sseg::Threads threads(2);
  const sseg::EpisodeSampler sampler(label, {}, {4, 1, 15});
  const auto mean = [&](Index steps) {
    return sseg::mean_ci95(
               sseg::episode_accuracies(threads, TransductivePrototypes{.steps = steps}, f, sampler, 200, sseg::Rng(1)))
        .mean;
  };
  CHECK(mean(3) > mean(0) + 0.05);
}

TEST_CASE("transductive prototypes are called so and refuse what makes no sense") {
  CHECK_FALSE(sseg::inductive_of<TransductivePrototypes>);
  CHECK(sseg::describe(TransductivePrototypes{}) ==
        "transductive prototypes, soft k-means over the queries, 3 steps, scale 10");
  for (const TransductivePrototypes wrong : {TransductivePrototypes{.steps = -1}, TransductivePrototypes{.scale = 0}})
    CHECK_THAT(sseg_test::message_of([&] {
                 scores_of(wrong, {1, 0}, {0, 0}, 1, {1}, 1);
               }),
               sseg_test::Contains("evaluation.transductive"));
}

}  // namespace transductive_prototypes_test

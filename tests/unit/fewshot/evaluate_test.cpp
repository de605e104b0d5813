#include "sseg/fewshot/evaluate.hpp"

#include <algorithm>
#include <vector>

#include "sseg/fewshot/prototypes.hpp"
#include "support/catch.hpp"

namespace evaluate_test {

using sseg::CosineSimilarity;
using sseg::EpisodeSampler;
using sseg::Features;
using sseg::Index;
using sseg::Prototypes;
using sseg::Rng;
using sseg::SquaredEuclidean;
using sseg::Threads;
using sseg::to_size;

namespace {

constexpr Index classes = 10, per_class = 20, dim = 12;

std::vector<Index> labels() {
  std::vector<Index> label;
  for (Index i = 0; i < classes * per_class; ++i) label.push_back(i % classes);
  return label;
}
Features features(float signal, float noise) {
  Features f{dim, sseg::Buffer<float>(classes * per_class * dim)};
  Rng rng(3);
  for (Index i = 0; i < f.size(); ++i)
    for (Index d = 0; d < dim; ++d) f.rows[i * dim + d] = (d == i % classes ? signal : 0.f) + noise * rng.normal();
  return f;
}

}  // namespace

TEST_CASE("perfect features are always right") {
  Threads threads(2);
  const EpisodeSampler sampler(labels(), {}, {5, 1, 15});
  const auto accuracy =
      sseg::episode_accuracies(threads, Prototypes<CosineSimilarity>{}, features(1, 0), sampler, 50, Rng(1));
  REQUIRE(accuracy.size() == 50);
  CHECK(std::all_of(accuracy.begin(), accuracy.end(), [](double a) { return a == 1; }));
}

TEST_CASE("features that know nothing are right by chance") {
  Threads threads(2);
  for (const Index way : {2, 5}) {
    const EpisodeSampler sampler(labels(), {}, {way, 5, 15});
    const auto accuracy = sseg::episode_accuracies(threads, Prototypes<>{}, features(0, 1), sampler, 500, Rng(2));
    CHECK(sseg::mean_ci95(accuracy).mean == Approx(1.0 / static_cast<double>(way)).margin(0.02));
  }
}

TEST_CASE("more shots and less noise help") {
  Threads threads(2);
  const auto mean = [&](float noise, Index shot) {
    const EpisodeSampler sampler(labels(), {}, {5, shot, 15});
    return sseg::mean_ci95(sseg::episode_accuracies(threads, Prototypes<>{}, features(1, noise), sampler, 200, Rng(2)))
        .mean;
  };
  CHECK(mean(0.7f, 5) > mean(0.7f, 1) + 0.05);
  CHECK(mean(0.3f, 1) > mean(0.7f, 1) + 0.05);
}

TEST_CASE("accuracies do not depend on the threads, and each is a share of the queries") {
  Threads one(1), three(3);
  const EpisodeSampler sampler(labels(), {}, {5, 1, 15});
  const Features f = features(1, 0.7f);
  const auto a = sseg::episode_accuracies(one, Prototypes<SquaredEuclidean>{}, f, sampler, 100, Rng(4));
  CHECK(a == sseg::episode_accuracies(three, Prototypes<SquaredEuclidean>{}, f, sampler, 100, Rng(4)));
  CHECK(a != sseg::episode_accuracies(three, Prototypes<SquaredEuclidean>{}, f, sampler, 100, Rng(5)));
  for (const double v : a) CHECK(75 * v == Approx(std::round(75 * v)).margin(1e-9));
  CHECK(a[17] == sseg::episode_accuracy(Prototypes<SquaredEuclidean>{}, f, sampler.draw(Rng(4), 17)));
}

TEST_CASE("an episode counted by hand, ties to the lowest class") {
  // Images 0 … 5 at these places; support 0 and 1; queries 2, 3 of class 0 and 4, 5 of class 1.
  Features f{1, sseg::Buffer<float>(6)};
  const float place[] = {0, 10, 1, 9, 5, 8};
  std::copy(std::begin(place), std::end(place), f.rows.begin());
  const sseg::Episode e{{2, 1, 2}, {0, 1}, {2, 3, 4, 5}};
  // 1 → 0 right; 9 → 1 wrong; 5 is a tie → 0 wrong; 8 → 1 right.
  CHECK(sseg::episode_accuracy(Prototypes<>{}, f, e) == 0.5);
}

}  // namespace evaluate_test

#include "sseg/fewshot/episode_outcome.hpp"

#include <vector>

#include "sseg/fewshot/confusion_counts.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace episode_outcome_test {

using namespace sseg;

namespace {

/// Four classes on a line at 0, 10, 20 and 21, so that the last two are taken for each other.
struct Line {
  Features features{1, Buffer<float>(48)};
  std::vector<Index> label;
  Line() {
    Rng rng(1);
    const float place[] = {0, 10, 20, 21};
    for (Index i = 0; i < 48; ++i) {
      label.push_back(i % 4);
      features.rows[i] = place[i % 4] + rng.normal();
    }
  }
};

}  // namespace

TEST_CASE("an outcome tells the answers of the episode that the accuracy counts") {
  // Support 0 and 10; queries 1, 9 of class 0 and 5 (a tie), 8 of class 1.
  Features f{1, Buffer<float>(6)};
  const float place[] = {0, 10, 1, 9, 5, 8};
  std::copy(std::begin(place), std::end(place), f.rows.begin());
  const Episode e{{2, 1, 2}, {0, 1}, {2, 3, 4, 5}};
  const EpisodeOutcome o = episode_outcome(Prototypes<>{}, f, e);
  CHECK(o.predicted == std::vector<Index>{0, 1, 0, 1});
  CHECK(o.scores == std::vector<float>{-1, -81, -81, -1, -25, -25, -64, -4});
  CHECK(o.episode.query == e.query);
  CHECK((o.right(0) && !o.right(1) && !o.right(2) && o.right(3)));
  CHECK(o.accuracy() == episode_accuracy(Prototypes<>{}, f, e));
  CHECK(EpisodeOutcome{}.accuracy() == 0);
}

TEST_CASE("confusions add up to the accuracy, and name the classes that are taken for each other") {
  const Line line;
  const EpisodeSampler sampler(line.label, {}, {3, 2, 5});
  Threads one(1), three(3);
  const ConfusionCounts c = confusion_counts(one, Prototypes<>{}, line.features, line.label, sampler, 80, Rng(2));
  REQUIRE(c.classes == 4);
  Index right = 0, all = 0, met = 0;
  for (Index t = 0; t < 4; ++t)
    for (Index p = 0; p < 4; ++p) {
      right += t == p ? c.at(t, p) : 0;
      all += c.at(t, p);
      met += c.met[to_size(t * 4 + p)];
    }
  CHECK(all == 80 * 3 * 5);
  CHECK(met == all * 3);
  const auto accuracy = episode_accuracies(one, Prototypes<>{}, line.features, sampler, 80, Rng(2));
  CHECK(static_cast<double>(right) / static_cast<double>(all) == Approx(mean_ci95(accuracy).mean));
  CHECK(c.share(2, 3) > 0.1);
  CHECK(c.share(3, 2) > 0.1);
  CHECK(c.share(0, 3) == 0);
  CHECK(c.share(0, 0) == 1);
  // Counted once more from the outcomes.
  std::vector<Index> count(16);
  for (Index i = 0; i < 80; ++i) {
    const EpisodeOutcome o = episode_outcome(Prototypes<>{}, line.features, sampler.draw(Rng(2), i));
    for (Index q = 0; q < 15; ++q) {
      const Index truth = line.label[to_size(o.episode.query[to_size(q)])];
      const Index taken_for = line.label[to_size(o.episode.support[to_size(o.predicted[to_size(q)] * 2)])];
      ++count[to_size(truth * 4 + taken_for)];
    }
  }
  CHECK(count == c.count);
  const ConfusionCounts again = confusion_counts(three, Prototypes<>{}, line.features, line.label, sampler, 80, Rng(2));
  CHECK((again.count == c.count && again.met == c.met));
  CHECK(ConfusionCounts{1, {0}, {0}}.share(0, 0) == 0);
}

TEST_CASE("confusions of other images, or of too many classes, are refused") {
  const Line line;
  const EpisodeSampler sampler(line.label, {}, {3, 2, 5});
  Threads one(1);
  const auto message = [&](const std::vector<Index>& label) {
    return sseg_test::message_of(
        [&] { confusion_counts(one, Prototypes<>{}, line.features, label, sampler, 2, Rng(2)); });
  };
  CHECK_THAT(message({0, 1}), sseg_test::Contains("differ in number"));
  std::vector<Index> many = line.label;
  many[0] = 5000;
  CHECK_THAT(message(many), sseg_test::Contains("4096"));
}

}  // namespace episode_outcome_test

#include "sseg/fewshot/episode.hpp"

#include <map>
#include <set>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace episode_test {

using sseg::Episode;
using sseg::EpisodeSampler;
using sseg::EpisodeShape;
using sseg::Index;
using sseg::Rng;
using sseg::to_size;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

/// `per_class` images of each class, the classes mixed as i mod classes.
std::vector<Index> labels(Index classes, Index per_class) {
  std::vector<Index> label;
  for (Index i = 0; i < classes * per_class; ++i) label.push_back(i % classes);
  return label;
}

const std::vector<Index> no_groups;

}  // namespace

TEST_CASE("an episode has distinct classes, its number of images, and none twice") {
  const auto label = labels(12, 9);
  const EpisodeShape shape{5, 3, 4};
  const EpisodeSampler sampler(label, no_groups, shape);
  for (Index n = 0; n < 200; ++n) {
    const Episode e = sampler.draw(Rng(1), n);
    REQUIRE(e.shape == shape);
    REQUIRE(e.support.size() == 15);
    REQUIRE(e.query.size() == 20);
    std::set<Index> images, classes;
    for (Index k = 0; k < 5; ++k) {
      const Index c = label[to_size(e.support[to_size(k * 3)])];
      classes.insert(c);
      for (Index s = 0; s < 3; ++s) {
        REQUIRE(label[to_size(e.support[to_size(k * 3 + s)])] == c);
        images.insert(e.support[to_size(k * 3 + s)]);
      }
      for (Index q = 0; q < 4; ++q) {
        REQUIRE(label[to_size(e.query[to_size(k * 4 + q)])] == c);
        REQUIRE(e.true_class(k * 4 + q) == k);
        images.insert(e.query[to_size(k * 4 + q)]);
      }
    }
    REQUIRE(classes.size() == 5);
    REQUIRE(images.size() == 35);
  }
}

TEST_CASE("an episode is a pure function of stream and number") {
  const EpisodeSampler sampler(labels(12, 9), no_groups, {5, 1, 4});
  const auto draw = [&](std::uint64_t seed, Index i) { return sampler.draw(Rng(seed), i); };
  const Episode third = draw(1, 3);
  draw(1, 2);
  CHECK(draw(1, 3).support == third.support);
  CHECK(draw(1, 3).query == third.query);
  CHECK(draw(1, 4).query != third.query);
  CHECK(draw(2, 3).query != third.query);
  Rng used(1);
  used.next_u32();
  CHECK(sampler.draw(used, 3).query == third.query);
}

TEST_CASE("every class and every image comes up") {
  const EpisodeSampler sampler(labels(8, 4), no_groups, {2, 1, 1});
  std::map<Index, int> support, query;
  for (Index n = 0; n < 3200; ++n) {
    const Episode e = sampler.draw(Rng(5), n);
    for (const Index i : e.support) ++support[i];
    for (const Index i : e.query) ++query[i];
  }
  CHECK(support.size() == 32);
  CHECK(query.size() == 32);
  for (const auto& [image, times] : support) CHECK(times == Approx(200).margin(60));
}

TEST_CASE("with groups all classes of an episode come from one") {
  // Classes 0 … 5 in group 0, 6 … 8 in group 1, 9 in group 2 (too few for three ways), 10 … 12 in group 3.
  const auto label = labels(13, 5);
  std::vector<Index> group;
  for (const Index c : label) group.push_back(c < 6 ? 0 : c < 9 ? 1 : c < 10 ? 2 : 3);
  const EpisodeSampler sampler(label, group, {3, 1, 2});
  std::map<Index, int> times;
  for (Index n = 0; n < 900; ++n) {
    const Episode e = sampler.draw(Rng(2), n);
    const Index g = group[to_size(e.support[0])];
    for (const Index i : e.support) REQUIRE(group[to_size(i)] == g);
    for (const Index i : e.query) REQUIRE(group[to_size(i)] == g);
    ++times[g];
  }
  CHECK(times.size() == 3);
  for (const Index g : {0, 1, 3}) CHECK(times[g] == Approx(300).margin(60));
}

TEST_CASE("classes with too few images, and images without a label, are left out") {
  auto label = labels(4, 6);
  for (Index& c : label)
    if (c == 2) c = -1;
  label.insert(label.end(), {7, 7});
  const EpisodeSampler sampler(label, no_groups, {3, 2, 4});
  for (Index n = 0; n < 50; ++n) {
    const Episode e = sampler.draw(Rng(3), n);
    for (const Index i : e.support) REQUIRE((label[to_size(i)] != 7 && label[to_size(i)] != -1));
  }
}

TEST_CASE("episodes that cannot be drawn are refused") {
  const auto refusal = [](const std::vector<Index>& label, const std::vector<Index>& group, EpisodeShape shape) {
    return message_of([&] { EpisodeSampler(label, group, shape); });
  };
  const auto label = labels(4, 6);
  CHECK(refusal(label, no_groups, {4, 2, 4}).empty());
  CHECK_THAT(refusal(label, no_groups, {5, 2, 4}), Contains("no set has 5 classes with 6 images each"));
  CHECK_THAT(refusal(label, no_groups, {4, 2, 5}), Contains("no set has 4 classes with 7 images each"));
  std::vector<Index> halves;
  for (const Index c : label) halves.push_back(c / 2);
  CHECK(refusal(label, halves, {2, 2, 4}).empty());
  CHECK_THAT(refusal(label, halves, {3, 2, 4}), Contains("no group has 3 classes"));
  CHECK_THAT(refusal({}, no_groups, {2, 1, 1}), Contains("no labels"));
  CHECK_THAT(refusal(std::vector<Index>(5, -1), no_groups, {2, 1, 1}), Contains("no set has 2 classes"));
  CHECK_THAT(refusal(label, {0, 0, 0}, {2, 1, 1}), Contains("one group for every image"));
  for (const EpisodeShape shape : {EpisodeShape{1, 1, 1}, EpisodeShape{2, 0, 1}, EpisodeShape{2, 1, 0}})
    CHECK_THAT(refusal(label, no_groups, shape), Contains("at least 2 ways, 1 shot and 1 query"));
}

}  // namespace episode_test

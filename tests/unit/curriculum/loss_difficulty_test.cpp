#include "sseg/curriculum/loss_difficulty.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/curriculum/synthetic_generator.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace loss_difficulty_test {

using namespace sseg;

TEST_CASE("difficulty by loss counted by hand") {
  // Two images along x, one along y, one at 45 degrees.
  const float f[] = {2, 0, 5, 0, 0, 3, 1, 1};
  const std::vector<Index> label{0, 0, 1, 1};
  const auto loss = loss_difficulty({f, {4, 2}}, label, 0.5);
  // Image 0: class 0 without it lies along x (cosine 1), class 1 along the sum of y and the diagonal.
  const double s = std::sqrt(0.5), other = s / std::hypot(s, 1 + s);
  CHECK(loss[0] == Approx(std::log(1 + std::exp((other - 1) / 0.5))));
  // Image 2: class 1 without it is the diagonal (cosine √½), class 0 lies along x (cosine 0).
  CHECK(loss[2] == Approx(std::log(1 + std::exp((0 - s) / 0.5))));
  // An image alone in its class, and one without features, are guesses.
  CHECK(loss_difficulty({f, {3, 2}}, std::vector<Index>{0, 0, 2})[2] == Approx(std::log(2.)));
  const float zero[] = {0, 0, 1, 0, 1, 0, 0, 1, 0, 1};
  CHECK(loss_difficulty({zero, {5, 2}}, std::vector<Index>{0, 0, 0, 1, 1})[0] == Approx(std::log(2.)));
}

TEST_CASE("difficulty by a net's own loss rises with the level of the curriculum") {
  Cpu cpu(2);
  const auto net = SeedNetwork{}.build({28, 28, 3});
  const auto store = make_store<float>(net, 0, Rng(1));
  constexpr Index images = 480, classes = 12;
  double last = 0;
  for (const Index level : {1, 2, 3, 4}) {
    const SyntheticGenerator g{
        .seed = 77, .level = level, .count = images, .side = 28, .shapes = classes, .textures = classes};
    std::vector<Index> label;
    for (Index i = 0; i < images; ++i) label.push_back(i % classes);
    const Features f = Embedder<Cpu>(cpu).embed(net, store, g);
    const auto loss = loss_difficulty({f.rows.data(), {images, f.dim}}, label);
    const double mean = std::accumulate(loss.begin(), loss.end(), 0.) / images;
    INFO("level " << level << ": " << mean << " after " << last);
    CHECK(mean > last + 0.003);
    last = mean;
  }
}

TEST_CASE("features and labels that do not fit are refused") {
  const float f[] = {1, 0, 0, 1};
  const auto refused = [&](std::vector<Index> label) {
    return sseg_test::message_of([&] { loss_difficulty({f, {2, 2}}, label); });
  };
  CHECK(refused({0, 1}).empty());
  for (const auto& label : {std::vector<Index>{0}, {0, 0}, {0, -1}, {}})
    CHECK_THAT(refused(label), sseg_test::Contains("a label for every feature"));
}

}  // namespace loss_difficulty_test

#include "sseg/experiment/look_at_run.hpp"

#include <string>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"

namespace look_at_run_test {

using namespace sseg;

namespace {

RunConfig small() {
  RunConfig c = demo_config();
  c.evolution.seed_network.initial_channels = 4;
  c.data.count = 40;
  c.evaluation.way = 4;
  c.evaluation.shots = {2, 1};
  return c;
}

}  // namespace

TEST_CASE("a look at a run shows its pictures, classes and an episode, the same for any number of threads") {
  const RunConfig c = small();
  const auto state = untrained_state(c, {28, 28, 1});
  const auto look_with = [&](int threads) {
    Cpu cpu(threads);
    return look_at_run(
        cpu, state, c, [&] { return AnyDataset(training_shapes(c)); },
        [&] {
          return LabelledImages{held_back_shapes(c), "held-back kinds"};
        },
        threads == 3);
  };
  const RunLook look = look_with(1);
  CHECK((look.missing.empty() && look.net == "4 > 4" && look.first_net == "4 > 4" && look.levels.empty()));
  REQUIRE((look.views && look.classes));
  CHECK((look.views->width == 8 * 30 - 2 && look.views->height == 3 * 30 - 2));
  const ClassesSeen& seen = *look.classes;
  CHECK((seen.images.classes.size() == 8 && seen.images.size() == 240 && seen.split == "held-back kinds"));
  CHECK(seen.episode.episode.shape == EpisodeShape{4, 2, 5});
  CHECK((seen.episode.predicted.size() == 20 && seen.map.at(0, 0) != 0));
  Index queries = 0;
  for (const Index n : seen.confusion.count) queries += n;
  CHECK(queries == seen.episodes * 20);
  const RunLook again = look_with(3);
  CHECK(again.classes->map.place == seen.map.place);
  CHECK_FALSE(seen.tsne);
  REQUIRE(again.classes->tsne);
  CHECK((again.classes->tsne->place.size() == 480 && again.classes->tsne->perplexity == 30));
  CHECK((again.classes->confusion.count == seen.confusion.count && again.views == look.views));
}

TEST_CASE("pictures that cannot be had are named as missing, with the cure") {
  const RunConfig c = small();
  Cpu cpu(1);
  const RunLook look = look_at_run(
      cpu, untrained_state(c, {28, 28, 1}), c,
      []() -> AnyDataset { throw Error("the folder is gone", "data.path", "name it anew"); },
      []() -> LabelledImages { throw Error("no labels", "--evaluate", "name labelled ones"); });
  REQUIRE(look.missing.size() == 2);
  CHECK_THAT(look.missing[0], sseg_test::Contains("No training pictures"));
  CHECK_THAT(look.missing[0], sseg_test::Contains("name it anew"));
  CHECK_THAT(look.missing[1], sseg_test::Contains("No classes that were not trained on"));
  CHECK((!look.views && !look.classes));
}

TEST_CASE("a curriculum shows a line of pictures of each level") {
  RunConfig c = small();
  c.data.source = "curriculum";
  c.data.count = 3;
  c.data.image_size = 16, c.data.oversample = 1;
  const auto lines = sseg::detail::level_pictures(training_curriculum(c));
  REQUIRE(lines.size() == 4);
  CHECK((lines[0].height == 16 && lines[0].width == 3 * 18 - 2 && lines[0].channels == c.curriculum.channels));
  CHECK(lines[0].bytes != lines[3].bytes);
}

}  // namespace look_at_run_test

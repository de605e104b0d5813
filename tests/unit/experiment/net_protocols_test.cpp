#include "sseg/experiment/net_protocols.hpp"

#include <string>
#include <type_traits>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/presets.hpp"
#include "support/away.hpp"
#include "support/catch.hpp"

namespace net_protocols_test {

using namespace sseg;

TEST_CASE("the protocols of a configuration on one net, with fine-tuning of its last stage") {
  RunConfig c = demo_config();
  c.evolution.seed_network.initial_channels = 4;
  c.data.count = 60;
  c.evaluation = {.episodes = 6, .way = 3, .query = 3};
  c.evaluation.shots = {2, 1};
  c.evaluation.protocols = {"fine_tune", "prototypes", "transductive"};
  c.evaluation.fine_tune.steps = 3;
  const Images images = held_back_shapes(c);
  const auto net = c.evolution.seed_network.build({28, 28, 1});
  const auto store = make_store<float>(net, 0, Rng(1));
  const Buffer<float> weights = store.value, statistics = store.state;
  const auto evaluate = [&](auto&& backend) {
    const NetProtocols<std::remove_cvref_t<decltype(backend)>> protocols(backend, net, store, images, c);
    CHECK(protocols.pictures().plain.size() == images.size());
    return few_shot_accuracies(backend.threads(), protocols, images,
                               row_about(c.evaluation, 5, "untrained", "shapes", "held-back kinds"));
  };
  const auto all = evaluate(Cpu(2));
  REQUIRE(all.size() == 8);
  const std::vector<std::string> protocols{
      "prototypes, cosine, inductive", "prototypes, euclidean, inductive",
      "transductive prototypes, soft k-means over the queries, 3 steps, scale 10, transductive",
      "fine-tuned last stage, cosine head, 3 steps at rate 0.001, scale 10, inductive"};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const FewShotRow& row = all[i].about;
    CHECK(row.protocol == protocols[i % 4]);
    CHECK(row.inductive == (i % 4 != 2));
    CHECK(row.shot == (i < 4 ? 2 : 1));
    CHECK((row.net == "untrained" && row.dataset == "shapes" && row.split == "held-back kinds"));
    CHECK((row.way == 3 && row.query == 3 && row.episodes == 6 && row.seed == 5));
    CHECK(all[i].episodes.size() == 6);
  }
  CHECK((store.value == weights && store.state == statistics));
  const auto again = evaluate(Cpu(3)), away = evaluate(Away<Cpu>(2));  // where tensors lie elsewhere, too
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(again[i].episodes == all[i].episodes);
    CHECK(away[i].episodes == all[i].episodes);
    CHECK(away[i].about.copies == all[i].about.copies);
  }
}

TEST_CASE("without steps a fine-tuned net classifies as prototypes by cosine do") {
  RunConfig c = demo_config();
  c.evolution.seed_network.initial_channels = 4;
  c.data.count = 60;
  c.evaluation = {.episodes = 20, .way = 5, .query = 3};
  c.evaluation.protocols = {"fine_tune", "prototypes"};
  c.evaluation.fine_tune.steps = 0;
  const Images images = held_back_shapes(c);
  const auto net = c.evolution.seed_network.build({28, 28, 1});
  Cpu cpu(2);
  const NetProtocols<Cpu> protocols(cpu, net, make_store<float>(net, 0, Rng(1)), images, c);
  const auto all = few_shot_accuracies(cpu.threads(), protocols, images, row_about(c.evaluation, 5, "", "", ""));
  REQUIRE(all.size() == 6);
  CHECK(all[2].episodes == all[0].episodes);
  CHECK(all[5].episodes == all[3].episodes);
}

TEST_CASE("a row of fine-tuning says that it saw no copies, the others how many they did") {
  RunConfig c = demo_config();
  c.evolution.seed_network.initial_channels = 4;
  c.data.count = 60;
  c.evaluation = {.episodes = 2, .way = 3, .query = 3};
  c.evaluation.copies = 2;
  c.evaluation.protocols = {"fine_tune", "prototypes", "knn"};
  c.evaluation.fine_tune.steps = 1;
  const Images images = held_back_shapes(c);
  const auto net = c.evolution.seed_network.build({28, 28, 1});
  Cpu cpu(2);
  const NetProtocols<Cpu> protocols(cpu, net, make_store<float>(net, 0, Rng(1)), images, c);
  Index fine_tuned = 0;
  for (const auto& one :
       few_shot_accuracies(cpu.threads(), protocols, images, row_about(c.evaluation, 5, "", "", ""))) {
    INFO(one.about.protocol);
    const bool fine_tune = one.about.protocol.starts_with("fine-tuned last stage");
    fine_tuned += fine_tune;
    CHECK(one.about.copies == (fine_tune ? 0 : 2));
  }
  CHECK(fine_tuned == static_cast<Index>(c.evaluation.shots.size()));
}

}  // namespace net_protocols_test

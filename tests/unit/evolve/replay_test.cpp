#include <functional>
#include <string>
#include <vector>

#include "sseg/evolve/add_stage.hpp"
#include "sseg/evolve/every.hpp"
#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "sseg/evolve/widen_net2wider.hpp"
#include "support/catch.hpp"
#include "unit/train/small_run.hpp"

namespace replay_test {

namespace {

using namespace small_run;

/// Remembers the first state after every mutation, before the next step.
struct Snapshots {
  std::vector<Growing<Net, float>> after;
  void on_state(const State& s) {
    if (s.history.size() > after.size()) after.push_back(s.model);
  }
};

bool says(const char* words, const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return std::string(e.what()).find(words) != std::string::npos;
  }
  return false;
}

using PlainNet = Learner<>;
Growing<PlainNet, double> seed_model() {
  const PlainNet net = make_learner(SeedNetwork{.initial_channels = 4, .num_blocks = 2}.build(image), image, 6, 5);
  auto store = make_store<double>(net, 2, Rng(1));
  return {net, store, reseat(store, net, 0, Rng(1))};
}

}  // namespace

TEST_CASE("A run's history rebuilds its net, with the weights that the mutations drew") {
  Snapshots snapshots;
  const State end = trained(1, snapshots);
  REQUIRE(end.history.size() >= 3);
  const auto replayed = replay(start().model, end.history, recipe().growth.mutations);
  CHECK(replayed.net == end.model.net);
  CHECK(describe(backbone(replayed.net)) == end.history.back().net_after);
  CHECK(replayed.student.value.size() == end.model.student.value.size());

  // New entries and new filters, as the run had them before it trained them.
  Growing<Net, float> m = start().model;
  Index drawn = 0;
  for (std::size_t i = 0; i < snapshots.after.size(); ++i) {
    const auto before = m.student;
    mutate_again(m, recipe().growth.mutations, end.history[i].edit);
    const auto& run = snapshots.after[i].student;
    for (const auto& e : m.student.entries) {
      const auto* old = before.find(e.desc.key);
      if (!e.is_param() || (old != nullptr && old->desc.shape == e.desc.shape)) continue;
      const auto& theirs = run.at(e.desc.key);
      for (Index k = 0; k < e.count(); ++k)
        if (old == nullptr || e.cohort[to_size(k)] + 1u == e.cohort_start.size()) {
          CHECK(m.student.value[e.offset + k] == run.value[theirs.offset + k]);
          ++drawn;
        }
    }
  }
  CHECK(drawn > 100);
}

TEST_CASE("Every kind of mutation is replayed bit for bit") {
  const std::vector<double> sensitivity{2, 1, 0};
  Rng rng(9);
  std::vector<double> gradient(12 * 9), covariance(9 * 9);
  for (double& v : gradient) v = static_cast<double>(rng.normal());
  for (std::size_t i = 0; i < 9; ++i) covariance[i * 10] = 1;
  const std::vector<AuxiliaryView> auxiliary{{{gradient.data(), {12, 9}}, {covariance.data(), {9, 9}}}};
  const Signals signals{.sensitivity = sensitivity, .image = {1, 16, 16, 1}, .auxiliary = auxiliary};
  const Evolve<Every, Grow, WidenNet2Wider, AddStage, Widen, WidenGradMax> evolve;
  auto m = seed_model();
  History history;
  for (Index turn = 0; turn < 5; ++turn) {
    const auto applied = evolve.act(m, signals, turn, Rng(static_cast<std::uint64_t>(turn) + 50));
    REQUIRE(applied);
    MutationRecord record;
    record.edit = applied->edit;
    history.push_back(record);
  }
  CHECK(history[1].edit.mapping.size() == 2);
  CHECK(history[4].edit.filters.size() % 9 == 0);
  CHECK(!history[4].edit.filters.empty());
  const auto again = replay(seed_model(), history, evolve.mutations);
  CHECK(again.net == m.net);
  CHECK(again.student.value == m.student.value);
  CHECK(again.student.state == m.student.state);
  CHECK(again.teacher.value == m.teacher.value);

  history[0].edit.draw += 1;
  CHECK(!(replay(seed_model(), history, evolve.mutations).student.value == m.student.value));
  history[0].edit.kind = "shrink";
  CHECK(says("'shrink'", [&] { replay(seed_model(), history, evolve.mutations); }));
  history[0].edit = {.kind = "grow", .replayable = false};
  CHECK(says("not recorded", [&] { replay(seed_model(), history, evolve.mutations); }));
}

namespace {
struct Odd {
  static constexpr std::string_view name = "odd";
  struct Edit {
    Index stage = 0;
    double strength = 0;
  };
};
}  // namespace

}  // namespace replay_test

SSEG_FIELDS(::replay_test::Odd::Edit, stage, strength);

namespace replay_test {

TEST_CASE("An edit goes into a record and back, and a field without a place is named") {
  const WidenNet2Wider::Edit edit{1, 7, {0, 2}, 99};
  const EditRecord record = record_of<WidenNet2Wider>(edit, 5);
  CHECK(record.kind == "widen_net2wider");
  CHECK(record.draw == 5);
  CHECK(edit_of<WidenNet2Wider>(record) == edit);
  CHECK(says("'strength'", [] { record_of<Odd>(Odd::Edit{}); }));
}

}  // namespace replay_test

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sseg/evolve/add_stage.hpp"
#include "sseg/evolve/every.hpp"
#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/evolve/widen_net2wider.hpp"
#include "sseg/net/seed_network.hpp"
#include "support/catch.hpp"

namespace selector_test {

using namespace sseg;

namespace {

const Shape image{1, 16, 16, 1};
using Net = Learner<>;
using Model = Growing<Net, float>;
using Tools = GrowthTools<Net, float>;

Model model() {
  const Net net =
      make_learner(SeedNetwork{.initial_channels = 6, .num_blocks = 3}.build({16, 16, 1}), {16, 16, 1}, 5, 4);
  auto store = make_store<float>(net, 2, Rng(1));
  return {net, store, reseat(store, net, 0, Rng(1))};
}

/// Has no candidates: a selector takes what it proposes.
struct WidenLast {
  static constexpr std::string_view name = "widen_last";
  static constexpr bool keeps_function = true;
  using Edit = Widen::Edit;
  bool operator==(const WidenLast&) const = default;
  std::optional<Edit> propose(const Net& net, const Signals&, Rng&) const {
    const Index last = stages(backbone(net)).size() - 1;
    return Edit{last, width(stages(backbone(net))[last]) + 2};
  }
  Net apply(const Net& net, const Edit& e) const { return Widen{}.apply(net, e); }
  std::string place(const Net& net, const Edit& e) const { return Widen{}.place(net, e); }
  template <class T>
  void carry(const Net& net, const Edit& e, const ParamStore<T>& old, ParamStore<T>& fresh) const {
    Widen{}.carry(net, e, old, fresh);
  }
};

/// Its edit's fields are not named.
struct Secret : WidenLast {
  static constexpr std::string_view name = "secret";
  struct Edit {
    Index stage = 2, channels = 8;
    bool operator==(const Edit&) const = default;
  };
  bool operator==(const Secret&) const = default;
  std::optional<Edit> propose(const Net&, const Signals&, Rng&) const { return Edit{}; }
  Net apply(const Net& net, const Edit& e) const { return Widen{}.apply(net, {e.stage, e.channels}); }
  std::string place(const Net&, const Edit&) const { return "somewhere"; }
  template <class T>
  void carry(const Net& net, const Edit& e, const ParamStore<T>& old, ParamStore<T>& fresh) const {
    Widen{}.carry(net, {e.stage, e.channels}, old, fresh);
  }
};

const std::vector<double> sensitivity{3, 1, 2};
const Signals signals{.sensitivity = sensitivity, .image = image};
const std::tuple<Grow, Widen, WidenLast> three{{}, {.max_channels = 40}, {}};

Proposal proposal(const char* kind, Index stage, Index macs) {
  Proposal p;
  p.edit.kind = kind;
  p.edit.stage = stage;
  p.cost.macs = macs;
  return p;
}

bool says(const char* words, const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return std::string(e.what()).find(words) != std::string::npos;
  }
  return false;
}

}  // namespace

TEST_CASE("Proposals are all candidates, and of a mutation without candidates what it proposes") {
  const Model m = model();
  const auto all = gather_proposals(m.net, three, signals, {}, Rng(1));
  const auto count = [&](const char* kind) {
    return std::count_if(all.begin(), all.end(), [&](const auto& p) { return p.edit.kind == kind; });
  };
  CHECK(count("grow") == 3);
  CHECK(count("widen") == 3 * 34);
  CHECK(count("widen_last") == 1);
  for (const auto& p : all)
    if (p.edit.kind == "widen") CHECK(p.cost == cost_of(Widen{}.apply(m.net, {p.edit.stage, p.edit.channels}), image));
  const auto few = gather_proposals(m.net, three, signals, {.max_blocks = 3, .max_channels = 8}, Rng(1));
  CHECK(few.size() == 3 * 2 + 1);
  CHECK(says("image", [&] { gather_proposals(m.net, three, {}, {}, Rng(1)); }));
  CHECK(says("recorded", [&] { gather_proposals(m.net, std::tuple<Secret>{}, signals, {}, Rng(1)); }));
}

TEST_CASE("Proposals of many sizes are brought to the cost of the cheapest of one size, or to the asked share") {
  const std::vector<Proposal> all{proposal("grow", 0, 1500),  proposal("grow", 1, 1130),  proposal("widen", 0, 1100),
                                  proposal("widen", 0, 1120), proposal("widen", 0, 1140), proposal("widen", 1, 1300),
                                  proposal("widen", 1, 1900), proposal("add", 2, 900)};
  const auto macs = [](const std::vector<Proposal>& list) {
    std::vector<Index> values;
    for (const auto& p : list) values.push_back(p.cost.macs);
    return values;
  };
  CHECK(macs(of_equal_cost(all, 1000, 0)) == std::vector<Index>{1500, 1130, 1120, 1300, 900});
  CHECK(macs(of_equal_cost(all, 1000, 0.8)) == std::vector<Index>{1500, 1130, 1140, 1900, 900});
  const std::vector<Proposal> sizes(all.begin() + 2, all.begin() + 5);
  CHECK(macs(of_equal_cost(sizes, 1100, 0)) == std::vector<Index>{1140});  // a twentieth is 55
  CHECK(of_equal_cost({}, 1000, 0).empty());
}

TEST_CASE("By sensitivity the stage with the most per added log cost is mutated, at the common cost") {
  const Model m = model();
  const double macs = static_cast<double>(cost_of(m.net, image).macs);
  const auto added = [&](Index stage, Index channels) {
    return static_cast<double>(cost_of(Widen{}.apply(m.net, {stage, channels}), image).macs) - macs;
  };
  // Every proposal adds about a quarter, and GROW in the last stage, though it adds less, counts as if it did.
  const MutationSelector selector{.choice = "sensitivity", .cost_step = 0.25};
  const auto edit = selector.choose(m, three, signals, Rng(1));
  REQUIRE(edit);
  CHECK(edit->kind == "widen");
  CHECK(edit->stage == 0);
  CHECK(std::abs(added(0, edit->channels) - 0.25 * macs) <= added(0, 7) / 2);
  const std::vector<double> last{0, 0, 5};
  CHECK(selector.choose(m, three, {.sensitivity = last, .image = image}, Rng(1))->stage == 2);
  CHECK(selector.choose(m, three, signals, Rng(1)) == edit);

  // Without a step the cheapest proposal of one size is the measure, and in the last stage GROW and WIDEN are equals.
  std::set<std::string> kinds;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto cheap =
        MutationSelector{.choice = "sensitivity"}.choose(m, std::tuple<Grow, Widen>{}, signals, Rng(seed));
    CHECK(cheap->stage == 2);
    if (cheap->kind == "widen") CHECK(added(2, cheap->channels) <= static_cast<double>(4 * 9 * 36));
    kinds.insert(cheap->kind);
  }
  CHECK(kinds.size() == 2);
}

TEST_CASE("A random choice reaches every proposal, and the same stream chooses the same") {
  const Model m = model();
  const MutationSelector selector{.choice = "random"};
  std::set<std::pair<std::string, Index>> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto edit = selector.choose(m, three, signals, Rng(seed));
    CHECK(selector.choose(m, three, signals, Rng(seed)) == edit);
    seen.insert({edit->kind, edit->stage});
  }
  CHECK(seen.size() == 3 + 3 + 1);
  // Without a signal, ties by sensitivity are settled by the draw too.
  seen.clear();
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto edit = MutationSelector{.choice = "sensitivity"}.choose(m, three, {.image = image}, Rng(seed));
    seen.insert({edit->kind, edit->stage});
  }
  CHECK(seen.size() == 7);
}

TEST_CASE("A trial forks the best proposals and the unchanged net, and keeps the highest fitness") {
  const Model m = model();
  const Model before = m;
  const std::tuple<Grow, WidenNet2Wider> two{};
  const MutationSelector selector{.choice = "trial", .trial_count = 4};
  std::vector<Model> forks;
  Tools tools;
  tools.trial = [&](const Model& fork) {
    forks.push_back(fork);
    return forks.size() == 4 ? 0.9 : forks.size() == 1 ? 0.5 : 0.4;
  };
  const auto edit = selector.choose(m, two, signals, Rng(3), tools);
  REQUIRE(edit);
  REQUIRE(forks.size() == 5);
  CHECK(forks[0].net == m.net);
  CHECK(m.student.value == before.student.value);
  Model after = m;
  mutate_again(after, two, *edit);
  CHECK(after.net == forks[3].net);
  CHECK(after.student.value == forks[3].student.value);  // the same mapping and draws as in the trial
  CHECK(after.teacher.value == forks[3].teacher.value);

  // Equal gains: the cheapest fork wins; below the common target, here what GROW adds in the last stage, all are equal.
  const Index target = cost_of(Grow{}.apply(m.net, {2}), image).macs;
  forks.clear();
  tools.trial = [&](const Model& fork) {
    forks.push_back(fork);
    return forks.size() == 1 ? 0.5 : 0.6;
  };
  const auto cheap = selector.choose(m, two, signals, Rng(3), tools);
  after = m;
  mutate_again(after, two, *cheap);
  for (std::size_t i = 1; i < forks.size(); ++i)
    CHECK(cost_of(after.net, image).macs <= std::max(cost_of(forks[i].net, image).macs, target));
}

TEST_CASE("In trials too a proposal below the common cost counts as if it cost that") {
  const Model m = model();
  Tools tools;
  tools.trial = [](const Model& fork) {
    const auto& list = stages(backbone(fork.net));
    return residuals(list[0]).size() > 0 ? 0.62 : residuals(list[2]).size() > 0 ? 0.6 : 0.5;
  };
  MutationSelector selector{.choice = "trial"};
  CHECK(selector.choose(m, std::tuple<Grow>{}, signals, Rng(1), tools)->stage == 2);
  selector.cost_step = 0.5;  // what GROW in the first stage adds
  CHECK(selector.choose(m, std::tuple<Grow>{}, signals, Rng(1), tools)->stage == 0);
}

TEST_CASE("No choice ever exceeds the budget, and at its end nothing happens") {
  const Budget budget{.max_blocks = 5, .max_channels = 12, .max_macs = 400000, .max_params = 6000};
  Tools tools;
  tools.trial = [](const Model& fork) { return static_cast<double>(fork.net.param_count()); };
  for (const char* choice : {"alternate", "sensitivity", "random", "trial"}) {
    INFO(choice);
    const Evolve<Every, Grow, WidenNet2Wider, AddStage> evolve{
        {}, {}, {.choice = choice, .cost_step = 0.05, .budget = budget}};
    Model m = model();
    Index done = 0;
    for (Index turn = 0; turn < 60; ++turn) {
      const auto applied = evolve.act(m, signals, turn, Rng(static_cast<std::uint64_t>(turn)), tools);
      CHECK(within(budget, cost_of(m.net, image)));
      done += applied.has_value();
      if (applied) CHECK(applied->edit.kind == applied->kind);
    }
    CHECK(done > 2);
    CHECK(done < 50);
  }
}

TEST_CASE("A limit in milliseconds is asked of the clock, for every choice") {
  for (const char* choice : {"alternate", "sensitivity", "random", "trial"}) {
    INFO(choice);
    const Evolve<Every, Grow, Widen> evolve{{}, {}, {.choice = choice, .budget = {.max_milliseconds = 1}}};
    Tools tools;
    tools.trial = [](const Model&) { return 0.0; };
    Model m = model();
    CHECK(says("clock", [&] { evolve.act(m, signals, 0, Rng(1), tools); }));
    tools.milliseconds = [](const Net& net) { return block_count(backbone(net)) > 3 ? 2.0 : 0.5; };  // no GROW
    const auto applied = evolve.act(m, signals, 0, Rng(1), tools);
    REQUIRE(applied);
    CHECK(applied->kind == "widen");
    tools.milliseconds = [](const Net&) { return 2.0; };
    CHECK(!evolve.act(m, signals, 0, Rng(1), tools));
  }
}

TEST_CASE("By default mutations take turns, in their own sizes, without an image") {
  const Evolve<Every, Grow, Widen> evolve{{}, {Grow{}, Widen{.factor = 2}}};
  Model m = model();
  const Signals only{.sensitivity = sensitivity};
  const auto first = evolve.act(m, only, 0, Rng(1)), second = evolve.act(m, only, 1, Rng(2));
  CHECK(first->kind == "grow");
  CHECK(second->kind == "widen");
  CHECK(second->edit.channels == 12);
  CHECK(second->keeps_function);
  CHECK(second->place == "stage 0, 6 to 12 channels");
  CHECK(second->edit.draw == Rng(2).split("weights").key());
  const Evolve<Every, Secret> secret;
  CHECK(!secret.act(m, only, 0, Rng(1))->edit.replayable);
}

TEST_CASE("A selector says what is missing or makes no sense") {
  const Model m = model();
  CHECK(says("no way 'best'", [&] { MutationSelector{.choice = "best"}.choose(m, three, signals, Rng(1)); }));
  CHECK(says("trial", [&] { MutationSelector{.choice = "trial"}.choose(m, three, signals, Rng(1)); }));
  CHECK(says("image", [&] { MutationSelector{.choice = "random"}.choose(m, three, {}, Rng(1)); }));
  CHECK(says("numbers", [&] { MutationSelector{.trial_count = 0}.check(); }));
  CHECK(says("numbers", [&] { MutationSelector{.cost_step = -1}.check(); }));
  const MutationSelector limited{.budget = {.max_macs = 5}};
  CHECK(says("image", [&] { limited.allows(m.net, {}, Tools{}); }));
}

TEST_CASE("ADD_STAGE proposes while the map is large enough and the image is known") {
  Model m = model();  // 16 x 16, three stages: 2 x 2
  Rng rng(1);
  CHECK(!AddStage{}.propose(m.net, signals, rng));
  CHECK(AddStage{.min_side = 1}.propose(m.net, signals, rng)->features == 6);
  CHECK(AddStage{.min_side = 1, .channels = 9}.propose(m.net, signals, rng)->channels == 9);
  CHECK(!AddStage{.max_stages = 3, .min_side = 1}.propose(m.net, signals, rng));
  CHECK(!AddStage{.min_side = 1}.propose(m.net, {}, rng));
  CHECK(AddStage{.pool = 1}.propose(m.net, signals, rng)->features == 24);
  CHECK(AddStage{.pool = 1}.candidates(m.net, signals).size() == 1);
}

}  // namespace selector_test

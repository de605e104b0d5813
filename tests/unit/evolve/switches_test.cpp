#include "sseg/evolve/any_trigger.hpp"
#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/switched.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/train/train_state.hpp"
#include "support/catch.hpp"

namespace switches_test {

using namespace sseg;

namespace {

using Net = Learner<>;
const Shape image{1, 12, 12, 1};

Growing<Net, float> small_net() {
  const Net net =
      make_learner(SeedNetwork{.initial_channels = 4, .num_blocks = 2}.build({12, 12, 1}), {12, 12, 1}, 8, 4);
  return start_training<float>(net, 2, Rng(1)).model;
}

/// Every answer of a trigger to a row of probes, mutating whenever it asks.
template <class Trigger>
std::vector<bool> answers(const Trigger& trigger) {
  TriggerMemory memory;
  std::vector<bool> all;
  for (const double probe : {0.1, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3}) {
    all.push_back(trigger.due(memory, probe));
    if (all.back()) trigger.mutated(memory);
  }
  return all;
}

}  // namespace

TEST_CASE("A chosen trigger answers as it does alone") {
  const Plateau plateau{.patience = 2, .min_gain = 0.05, .max_wait = 0, .first = 0};
  const Every every{2};
  const AtSteps at{.steps = {3, 7}, .probe_every = 1};
  CHECK(answers(AnyTrigger{plateau}) == answers(plateau));
  CHECK(answers(AnyTrigger{every}) == answers(every));
  CHECK(answers(AnyTrigger{at}) == answers(at));
  CHECK(answers(AnyTrigger{Never{}}) == std::vector<bool>(9, false));
  CHECK(answers(plateau) != answers(every));

  TriggerMemory memory;
  CHECK_FALSE(AnyTrigger{Manual{}}.due(memory, 0.5));
  Manual::ask(memory);
  CHECK(AnyTrigger{Manual{}}.due(memory, 0.5));
  AnyTrigger{Manual{}}.mutated(memory);
  CHECK_FALSE(AnyTrigger{Manual{}}.due(memory, 0.5));
}

TEST_CASE("A mutation that is switched off proposes nothing and can still be made again") {
  const auto g = small_net();
  Rng rng(1);
  const Signals signals{.image = image};
  const Switched<Grow> on{Grow{}, true}, off{Grow{}, false};
  CHECK(on.propose(g.net, signals, rng).has_value());
  CHECK_FALSE(off.propose(g.net, signals, rng).has_value());
  CHECK(on.candidates(g.net, signals) == Grow{}.candidates(g.net, signals));
  CHECK(off.candidates(g.net, signals).empty());
  CHECK(off.apply(g.net, {1}) == Grow{}.apply(g.net, {1}));
  STATIC_REQUIRE(Mutation<Switched<Widen>, Net, ParamStore<float>>);
  STATIC_REQUIRE(HasSettle<Switched<WidenGradMax>, Net>);
  STATIC_REQUIRE_FALSE(HasSettle<Switched<Grow>, Net>);

  auto a = g, b = g;
  mutate(a, off, {0}, Rng(5));
  mutate(b, Grow{}, {0}, Rng(5));
  CHECK(a.student.value == b.student.value);
}

TEST_CASE("Those that are switched on take turns, as if the others were not there") {
  const auto kinds = [](const auto& growth) {
    auto g = small_net();
    std::vector<std::string> all;
    for (Index turn = 0; turn < 4; ++turn)
      all.push_back(growth.act(g, Signals{.image = image}, turn, Rng(to_size(turn)))->kind);
    return all;
  };
  using Growth = Evolve<Never, Switched<Grow>, Switched<WidenGradMax>, Switched<Widen>>;
  CHECK(kinds(Growth{{}, {{Grow{}, true}, {{}, false}, {Widen{}, true}}}) ==
        std::vector<std::string>{"grow", "widen", "grow", "widen"});
  CHECK(kinds(Growth{{}, {{Grow{}, false}, {{}, false}, {Widen{}, true}}}) == std::vector<std::string>(4, "widen"));
  auto g = small_net();
  CHECK_FALSE(Growth{{}, {{{}, false}, {{}, false}, {{}, false}}}.act(g, Signals{}, 0, Rng(1)).has_value());
}

TEST_CASE("Only a mutation that is on asks for auxiliary gradients") {
  using Growth = Evolve<Never, Switched<Grow>, Switched<WidenGradMax>>;
  CHECK(Growth{{}, {{{}, true}, {{}, true}}}.needs_auxiliary());
  CHECK_FALSE(Growth{{}, {{{}, true}, {{}, false}}}.needs_auxiliary());
  CHECK(Evolve<Never, WidenGradMax>{}.needs_auxiliary());
  CHECK_FALSE(Evolve<Never, Grow, Widen>{}.needs_auxiliary());
}

TEST_CASE("Steps since the function changed are counted from the last such mutation") {
  History history;
  CHECK(steps_since_change(history, 9) == -1);
  const auto add = [&](Index step, bool keeps_function) {
    history.emplace_back();
    history.back().step = step;
    history.back().keeps_function = keeps_function;
  };
  add(3, true);
  CHECK(steps_since_change(history, 9) == -1);
  add(5, false);
  add(7, true);
  CHECK(steps_since_change(history, 5) == 0);
  CHECK(steps_since_change(history, 9) == 4);
}

}  // namespace switches_test

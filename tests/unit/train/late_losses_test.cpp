// Losses that are looked at late, away from the host: which one it was that is not finite.
#include <limits>
#include <string>

#include "small_run.hpp"
#include "support/away.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace late_losses_test {

using namespace small_run;
using sseg_test::Contains;

namespace {

/// A loss that is 1 and has no gradient, but at one of its calls is not finite: what it returns there, or what it
/// leaves where tensors lie.
struct OnceSpoilt {
  static constexpr std::string_view name = "once_spoilt";
  int* calls = nullptr;
  int bad = 0;
  bool left = false;
  bool operator==(const OnceSpoilt&) const = default;
  Index scratch(Shape) const { return 0; }
  template <class B, class T>
  double operator()(B& backend, const LossArgs<T>& a) const {
    dispatch(backend, Fill<T>{a.dz.shape.count(), T{}, a.dz.data});
    if (++*calls != bad) return 1;
    if (!left) return std::numeric_limits<double>::quiet_NaN();
    dispatch(backend, Dot<T>{1, std::numeric_limits<T>::infinity(), a.z.data, a.z.data, nullptr, a.sum});
    return 0;
  }
};

using Spoilt = Objective<Term<OnceSpoilt>>;
using SpoiltNet = Learner<Flatten, Spoilt::Heads>;
using SpoiltState = TrainState<SpoiltNet, float>;

SpoiltState spoilt_start() {
  const auto cnn = SeedNetwork{.initial_channels = 6, .num_blocks = 2}.build(image);
  return start_training<float>(SpoiltNet{{cnn, {{projection_head(feature_count(cnn, image), 16, 8)}, {true}}}},
                               AdamW::moments, Rng(1), "taylor");
}

/// What a run on `backend` says whose `bad`th loss is not finite.
template <class B>
std::string error_at(B& backend, int bad, bool left, const SmallRecipe& like) {
  int calls = 0;
  auto r = make_recipe(like.views, Spoilt{{{.loss = {&calls, bad, left}}}}, like.optimizer, like.rate, like.teacher,
                       like.growth, like.routing);
  r.collapse.every = 0;
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  SpoiltState state = spoilt_start();
  const std::atomic<bool> stop{false};
  return sseg_test::message_of([&] { make_fit(backend, train, probe, config, r, Rng(3)).run(state, stop); });
}

}  // namespace

TEST_CASE("An error names the path whose loss is not finite, on the host and away from it") {
  SmallRecipe r = routed_recipe();
  r.routing.config->start_step = 1;
  r.routing.config->negative_weight = 1;
  Cpu cpu(1);
  Away<Cpu> away(1);
  const char* const who[] = {"the loss is not finite", "the loss is not finite",
                             "the loss of the positive path is not finite",
                             "the loss of the negative path is not finite", "the loss is not finite"};
  for (int bad = 1; bad <= 5; ++bad) {
    CHECK_THAT(error_at(cpu, bad, false, r), Contains(who[bad - 1]));
    CHECK_THAT(error_at(away, bad, false, r), Contains(who[bad - 1]));
    CHECK_THAT(error_at(away, bad, true, r), Contains(who[bad - 1]));
  }
}

TEST_CASE("An error names the trial whose loss is not finite, on the host and away from it") {
  SmallRecipe r = recipe();
  r.growth.selector.choice = "trial";
  r.growth.selector.trial_steps = 3;
  r.growth.trigger = Plateau{.patience = 1, .min_gain = 0.9, .max_wait = 1, .first = 0};
  Cpu cpu(1);
  Away<Cpu> away(1);
  std::string seen;
  for (const Index bad : {config.probe_every + 1, config.probe_every + 3, config.probe_every + 4})
    for (const bool left : {false, true}) {
      const std::string here = error_at(cpu, static_cast<int>(bad), false, r);
      CHECK_THAT(here, Contains("the loss of trial ") && Contains("is not finite"));
      CHECK(error_at(away, static_cast<int>(bad), left, r) == here);
      seen += here;
    }
  CHECK_THAT(seen, Contains("trial 0 (") && Contains("trial 1 ("));
}

TEST_CASE("Whoever looks once more after a loss that is not finite gets no older one") {
  Away<Cpu> away(1);
  PendingLosses losses;
  LossShares shares;
  shares.start(1);
  shares.weights[0] = 1;
  Buffer<double> sum;
  sum.lie_in(memory_of(away));
  sum.resize(1);
  for (const double value : {3.0, std::nan("")}) {
    sum.upload(std::vector<double>{value});
    losses.start();
    losses.note(away, LossPart{shares, sum.span(), {}});
    losses.put_aside(away);
    if (value == 3.0) CHECK(losses.last_loss() == 3.0);
  }
  CHECK_THROWS_AS(losses.last_loss(), Error);
  CHECK(std::isnan(losses.last_loss()));
}

TEST_CASE("A negative path with a loss of its own is named as well") {
  SmallRecipe r = routed_recipe();
  r.collapse.every = 0;
  r.routing.config->negative_loss = "repel";
  r.routing.config->negative_weight = 1;
  r.routing.config->negative_temperature = 1e-42f;
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const auto said = [&](auto& backend) {
    State state = start();
    const std::atomic<bool> stop{false};
    return sseg_test::message_of([&] { make_fit(backend, train, probe, config, r, Rng(3)).run(state, stop); });
  };
  Cpu cpu(1);
  Away<Cpu> away(1);
  CHECK_THAT(said(cpu), Contains("the loss of the negative path is not finite"));
  CHECK(said(away) == said(cpu));
}

}  // namespace late_losses_test

#include "sseg/dist/across.hpp"

#include <span>
#include <type_traits>
#include <vector>

#include "../train/small_run.hpp"
#include "copies.hpp"
#include "sseg/dist/alone.hpp"
#include "support/catch.hpp"

namespace across_test {

using namespace small_run;

namespace {

using Lone = Across<Cpu, Alone>;

State trained_across(const SmallRecipe& r, bool statistics) {
  Cpu cpu(2);
  Alone alone;
  Lone across(cpu, alone, statistics);
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  State state = start();
  auto fit = make_fit(across, train, probe, config, r, Rng(3));
  fit.run(state, stop);
  return state;
}
State trained_plainly(const SmallRecipe& r) {
  State state = start();
  const std::atomic<bool> stop{false};
  run_recipe(r, state, 2, config, stop);
  return state;
}

}  // namespace

TEST_CASE("Training across one rank gives the bits of training without ranks, through mutations and routed") {
  for (const bool statistics : {true, false}) {
    CHECK(same_bits(trained_across(recipe(), statistics), trained_plainly(recipe())));
    CHECK(same_bits(trained_across(routed_recipe(), statistics), trained_plainly(routed_recipe())));
  }
}

TEST_CASE("Only a backend with a communicator is on ranks") {
  static_assert(OnRanks<Lone> && Backend<Lone>);
  static_assert(!OnRanks<Cpu>);
  Cpu cpu(1);
  const AllRanks<Cpu> nobody(cpu);
  CHECK(nobody.size() == 1);
  CHECK(nobody.first());
  CHECK(nobody.any(true));
  CHECK(nobody.of_first(3.5) == 3.5);
  const Range all = nobody.part_of_batch(7);
  CHECK((all.begin == 0 && all.end == 7));
}

TEST_CASE("Statistics of copies are those of one, but for the unbiased factor of a larger batch") {
  Cpu cpu(1);
  Copies copies{.ranks = 3};
  Across across(cpu, copies);
  CHECK(across.shares_statistics());
  const std::vector<float> x{1, 5, 2, 9, 4, 1};  // (3, 2)
  std::vector<float> mean(2), var(2), want_mean(2), want_var(2);
  across.run(ColumnMoments<float>{3, 2, x.data(), mean.data(), var.data()});
  cpu.run(ColumnMoments<float>{3, 2, x.data(), want_mean.data(), want_var.data()});
  for (std::size_t c = 0; c < 2; ++c) {
    CHECK(mean[c] == Approx(want_mean[c]));
    CHECK(var[c] == Approx(want_var[c]));
  }
  std::vector<float> next(2);
  const std::vector<float> old{0, 0};
  across.run(RunningUpdate<float>{1, 3, 1.f, mean.data(), var.data(), old.data(), next.data()});
  CHECK(next[1] == Approx(var[0] * 9 / 8));  // 3 · 3 rows

  Across apart(cpu, copies, false);
  CHECK_FALSE(apart.shares_statistics());
  apart.run(RunningUpdate<float>{1, 3, 1.f, mean.data(), var.data(), old.data(), next.data()});
  CHECK(next[1] == Approx(var[0] * 3 / 2));
}

TEST_CASE("A norm whose statistics are shared is not run together with the gradient of its convolution") {
  Cpu cpu(1);
  Copies copies;
  Across shared(cpu, copies), apart(cpu, copies, false);
  NormConv2dBackwardWeights<float> op{};
  op.conv.g = {.n = 1, .h = 8, .w = 8, .c = 1, .o = 4};
  op.norm.g = {.n = 1, .h = 8, .w = 8, .c = 4};
  CHECK_FALSE(shared.can(op));
  CHECK(apart.can(op) == cpu.can(op));
}

}  // namespace across_test

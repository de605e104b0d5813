#include "sseg/backend/cpu.hpp"
#include "sseg/evolve/budget.hpp"
#include "sseg/evolve/latency.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/net/seed_network.hpp"
#include "support/catch.hpp"

namespace cost_test {

using namespace sseg;

TEST_CASE("A cost counts multiply-adds, parameters, blocks and the widest stage") {
  EvolvableCnn<> cnn;
  stages(cnn).push_back(make_stage(1, 4, 2));
  stages(cnn).push_back(make_stage(4, 6, 2));
  residuals(stages(cnn)[0]).push_back(make_identity_block(4));
  const Index conv_macs = 64 * 9 * 4 + 16 * 9 * 4 * 4 + 16 * 9 * 4 * 6;
  const Index conv_params = 9 * 4 + 9 * 16 + 9 * 24 + 2 * (4 + 4 + 6);
  CHECK(cost_of(cnn, {1, 8, 8, 1}) == Cost{conv_macs, conv_params, 3, 6, 0});
  const auto net = make_learner(cnn, {8, 8, 1}, 5, 3);
  CHECK(cost_of(net, {1, 8, 8, 1}) == Cost{conv_macs + 24 * 5 + 15, conv_params + 24 * 5 + 5 + 15 + 3, 3, 6, 0});
  CHECK(cost_of(Linear{.in = 3, .out = 2}, {1, 3}) == Cost{6, 8, 0, 0, 0});
}

TEST_CASE("A budget refuses what exceeds any one limit, and nothing that meets all") {
  const Cost cost{.macs = 100, .params = 50, .blocks = 3, .channels = 8, .milliseconds = 0.5};
  CHECK(within({}, cost));
  CHECK(Budget{}.unlimited());
  const Budget exact{3, 8, 100, 50, 0.5};
  CHECK(within(exact, cost));
  CHECK_FALSE(exact.unlimited());
  Budget b = exact;
  b.max_blocks = 2;
  CHECK_FALSE(within(b, cost));
  b = exact;
  b.max_channels = 7;
  CHECK_FALSE(within(b, cost));
  b = exact;
  b.max_macs = 99;
  CHECK_FALSE(within(b, cost));
  b = exact;
  b.max_params = 49;
  CHECK_FALSE(within(b, cost));
  b = exact;
  b.max_milliseconds = 0.49;
  CHECK_FALSE(within(b, cost));
}

TEST_CASE("Latency is measured, and a net of a hundred times the work takes longer") {
  Cpu cpu(1);
  const auto time = [&](Index channels) {
    return milliseconds(cpu, SeedNetwork{.initial_channels = channels, .num_blocks = 2}.build({28, 28, 1}),
                        {1, 28, 28, 1}, 5);
  };
  const double small = time(4), large = time(64);
  CHECK(small > 0);
  CHECK(large > small);
  CHECK_THROWS_AS(milliseconds(cpu, Linear{.in = 3, .out = 2}, {1, 3}, 0), Error);
}

}  // namespace cost_test

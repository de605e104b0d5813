#include "sseg/experiment/net_at_start.hpp"

#include <string>
#include <vector>

#include "sseg/experiment/presets.hpp"
#include "sseg/experiment/recipe.hpp"
#include "support/catch.hpp"

namespace net_at_start_test {

using namespace sseg;

namespace {

constexpr Shape image{16, 16, 3};
using Stages = std::vector<StagePlot::Stage>;

/// A net of the demo's heads with these stages, two of them pooling, as one with the most stages has them.
MainNet net_of(const std::string& stages) {
  RunConfig c = demo_config();
  c.evolution.seed_network = {.initial_channels = 8, .num_blocks = 3, .unpooled_blocks = 1};
  return build_net<MainNet>(detail::with_stages(genome_of(seed_learner(c, image), image), stages_named(stages)),
                            "test");
}

MutationRecord mutation(const std::string& before, const std::string& after, Index stage) {
  MutationRecord m;
  m.params_before = net_of(before).param_count(), m.params_after = net_of(after).param_count();
  m.net_after = after;
  m.edit.stage = stage;
  return m;
}

std::string start_of(const std::string& now, const History& history) {
  return net_at_start(net_of(now), history, image);
}

}  // namespace

TEST_CASE("a net that did not change began as it is") { CHECK(start_of("8+1 > 12", {}) == "8+1 > 12"); }

TEST_CASE("the first mutation is undone, whatever came after it") {
  CHECK(start_of("8+1 > 12", {mutation("8 > 12", "8+1 > 12", 0)}) == "8 > 12");
  CHECK(start_of("8+1 > 12", {mutation("8+1 > 9", "8+1 > 12", 1)}) == "8+1 > 9");
  CHECK(start_of("12+2 > 12", {mutation("5+2 > 12", "12+2 > 12", 0)}) == "5+2 > 12");
  const History long_one{mutation("8+1 > 6+3", "8+2 > 6+3", 0), mutation("8+2 > 6+3", "8+2 > 20+3", 1)};
  CHECK(start_of("8+2 > 20+3", long_one) == "8+1 > 6+3");
}

TEST_CASE("a stage that was added is taken away") {
  CHECK(start_of("8 > 12+1 > 16", {mutation("8 > 12+1", "8 > 12+1 > 16", 2)}) == "8 > 12+1");
  const History two{mutation("8 > 12", "8 > 12+1", 1), mutation("8 > 12+1", "8 > 12+1 > 16", 2)};
  CHECK(start_of("8 > 12+1 > 16", two) == "8 > 12");
}

TEST_CASE("what no mutation of the library explains stays unknown") {
  MutationRecord strange = mutation("8 > 12", "8+1 > 12", 0);
  strange.params_before += 1;
  CHECK(start_of("8+1 > 12", {strange}).empty());
  strange = mutation("8 > 12", "8+1 > 12", 0);
  strange.edit.stage = 2;
  CHECK(start_of("8+1 > 12", {strange}).empty());
  strange.edit.stage = -1;
  CHECK(start_of("8+1 > 12", {strange}).empty());
  strange.edit.stage = 0;
  for (const char* net : {"a net in other words", "8+1 > 0", "8+1 > 20000", "9223372036854775807 > 12", "8+300 > 12"}) {
    strange.net_after = net;
    CHECK(start_of("8+1 > 12", {strange}).empty());
  }
}

}  // namespace net_at_start_test

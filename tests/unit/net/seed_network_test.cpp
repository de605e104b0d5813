#include "sseg/net/seed_network.hpp"

#include "support/catch.hpp"
#include "unit/io/message_of.hpp"

namespace seed_network_test {

using sseg::SeedNetwork;
using sseg::Shape;

TEST_CASE("stages of a seed network pool, but for the last unpooled ones") {
  const Shape image{28, 28, 1}, batch{5, 28, 28, 1};
  const auto map = [&](const SeedNetwork& seed) { return stages(seed.build(image)).out_shape(batch); };
  CHECK(map({}) == Shape{5, 7, 7, 32});
  CHECK(map({.initial_channels = 8, .num_blocks = 3}) == Shape{5, 3, 3, 8});
  CHECK(map({.initial_channels = 8, .num_blocks = 4, .unpooled_blocks = 1}) == Shape{5, 3, 3, 8});
  CHECK(map({.initial_channels = 8, .num_blocks = 3, .unpooled_blocks = 3}) == Shape{5, 28, 28, 8});
  const auto net = SeedNetwork{.num_blocks = 4, .unpooled_blocks = 2}.build(image);
  for (sseg::Index s = 0; s < 4; ++s) CHECK(entry_norm(stages(net)[s]).pool == (s < 2 ? 2 : 1));
}

TEST_CASE("with a channel factor each stage of a seed network is that much wider than the one before") {
  const auto net = SeedNetwork{.initial_channels = 3, .num_blocks = 3, .channel_factor = 2}.build({28, 28, 1});
  CHECK(describe(net) == "3 > 6 > 12");
  CHECK(net.out_shape({1, 28, 28, 1}) == Shape{1, 3 * 3 * 12});
}

TEST_CASE("a seed network of impossible sizes is refused") {
  const auto message = [](const SeedNetwork& seed) { return sseg_test::message_of([&] { seed.build({28, 28, 1}); }); };
  CHECK(message({.num_blocks = 2, .unpooled_blocks = 3}).find("more blocks without a pool") != std::string::npos);
  CHECK(message({.unpooled_blocks = -1}).find("more blocks without a pool") != std::string::npos);
  CHECK(message({.num_blocks = 5}).find("leaves nothing") != std::string::npos);
  CHECK(message({.initial_channels = 0}).find("positive sizes") != std::string::npos);
  CHECK(message({.channel_factor = 0}).find("positive sizes") != std::string::npos);
  CHECK(message({.num_blocks = 4, .channel_factor = 16}).find("too many channels") != std::string::npos);
}

}  // namespace seed_network_test

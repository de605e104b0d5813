#include "sseg/experiment/presets.hpp"

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace presets_test {

TEST_CASE("the demo's configuration makes sense as it is") {
  const sseg::RunConfig c = sseg::demo_config();
  CHECK_NOTHROW(sseg::check_config(c));
  CHECK(c.data.source == "shapes");
}

TEST_CASE("the configuration for Omniglot lacks nothing but the place of the images") {
  sseg::RunConfig c = sseg::omniglot_config();
  CHECK(c.data.source == "omniglot");
  CHECK_THAT(sseg_test::message_of([&] { sseg::check_config(c); }), sseg_test::Contains("data.path"));
  c.data.path = "images_background_small1.zip";
  CHECK_NOTHROW(sseg::check_config(c));
}

TEST_CASE("the configuration for CIFAR-FS lacks nothing but the place of the images, and its net has room to grow") {
  sseg::RunConfig c = sseg::cifar_fs_config();
  CHECK_THAT(sseg_test::message_of([&] { sseg::check_config(c); }), sseg_test::Contains("data.path"));
  c.data.path = "cifar-100-binary";
  CHECK_NOTHROW(sseg::check_config(c));
  const auto net = c.evolution.seed_network.build({32, 32, 3});
  CHECK(describe(net) == "32 > 64 > 128 > 256");
  CHECK(net.macs({1, 32, 32, 3}) < c.evolution.growth.selector.budget.max_macs);
}

TEST_CASE("the seed nets of the presets can be built for their images") {
  for (const sseg::RunConfig& c : {sseg::demo_config(), sseg::omniglot_config()})
    CHECK_NOTHROW(c.evolution.seed_network.build({c.data.image_size, c.data.image_size, 1}));
}

}  // namespace presets_test

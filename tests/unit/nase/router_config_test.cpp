#include "sseg/nase/router_config.hpp"

#include "sseg/meta/field_text.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace router_config_test {

using namespace sseg;

TEST_CASE("The share to keep falls from 1 to its end, cubic or linear") {
  RouterConfig c{.keep = 0.2, .start_step = 10, .ramp_steps = 40};
  CHECK(c.keep_ratio_at(0) == 1);
  CHECK(c.keep_ratio_at(10) == 1);
  CHECK(c.keep_ratio_at(20) == Approx(1 - 0.8 * (1 - 0.75 * 0.75 * 0.75)));
  CHECK(c.keep_ratio_at(30) == Approx(1 - 0.8 * 0.875));
  CHECK(c.keep_ratio_at(49) > 0.2);
  CHECK(c.keep_ratio_at(50) == 0.2);
  CHECK(c.keep_ratio_at(5000) == 0.2);
  c.ramp = "linear";
  CHECK(c.keep_ratio_at(9) == 1);
  CHECK(c.keep_ratio_at(20) == Approx(0.8));
  CHECK(c.keep_ratio_at(40) == Approx(0.4));
  CHECK(c.keep_ratio_at(50) == 0.2);
  c.ramp_steps = 0;
  CHECK(c.keep_ratio_at(9) == 1);
  CHECK(c.keep_ratio_at(10) == 0.2);
}

TEST_CASE("The share in use is that of the last masks") {
  const RouterConfig c{.keep = 0.2, .ramp = "linear", .start_step = 2, .ramp_steps = 6, .update_every = 3};
  CHECK(c.keep_ratio_in_use(0) == 1);
  CHECK(c.keep_ratio_in_use(2) == 1);
  CHECK(c.keep_ratio_in_use(3) == 1);  // masks are made in steps 2, 5, 8, 11 …
  CHECK(c.keep_ratio_in_use(5) == 1);
  for (const Index done : {6, 7, 8}) CHECK(c.keep_ratio_in_use(done) == Approx(0.6));
  for (const Index done : {9, 11, 500}) CHECK(c.keep_ratio_in_use(done) == 0.2);
}

TEST_CASE("A setting that makes no sense is named with its cure") {
  RouterConfig{}.check();
  const auto says = [](RouterConfig c, const std::string& part) {
    CHECK_THAT(sseg_test::message_of([&] { c.check(); }), sseg_test::Contains(part));
  };
  says({.unit = "filter"}, "give weight or channel");
  says({.scope = "stage"}, "give global or layer");
  says({.keep = 0}, "nase.router.keep");
  says({.keep = 1.5}, "nase.router.keep");
  says({.ramp = "square"}, "give cubic or linear");
  says({.start_step = -1}, "nase.router.start_step");
  says({.ramp_steps = -1}, "ramp_steps");
  says({.update_every = 0}, "update_every >= 1");
  says({.importance = "luck"}, "'luck'");
  says({.momentum = 1}, "nase.router.momentum");
  says({.gradient = "some"}, "give masked or dense");
  says({.positive_weight = -1}, "nase.router.positive_weight");
  says({.negative_weight = -1}, "negative_weight");
  says({.negative_loss = "push"}, "give shared or repel");
  says({.negative_margin = 1.5f}, "nase.router.negative_margin");
  says({.negative_margin = -1.5f}, "nase.router.negative_margin");
  says({.negative_temperature = 0}, "nase.router.negative_temperature");
  RouterConfig{.negative_loss = "repel", .negative_margin = -1, .negative_temperature = 0.01f}.check();
}

TEST_CASE("Every field of the router's configuration is reflected") {
  int fields = 0;
  RouterConfig c;
  for_each_field(c, [&](std::string_view, auto&) { ++fields; });
  CHECK(fields == 15);
  CHECK(to_yaml(c).find("importance: \"taylor\"") != std::string::npos);
  CHECK(RouterConfig{.gradient = "dense"}.straight() == Straight::dense);
  CHECK(RouterConfig{.importance = "random"}.criterion(4) == AnyCriterion("random", 4));
}

}  // namespace router_config_test

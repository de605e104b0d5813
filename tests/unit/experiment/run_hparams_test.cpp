#include "sseg/experiment/run_hparams.hpp"

#include <algorithm>
#include <string>
#include <variant>

#include "support/catch.hpp"

namespace run_hparams_test {

using namespace sseg;

TEST_CASE("every setting of a run is listed under its full name") {
  RunConfig c;
  c.train.steps = 321;
  c.evolution.growth.trigger.steps = {5, 9};
  const auto list = run_hparams(c);
  const auto value = [&](const std::string& name) {
    const auto it = std::find_if(list.begin(), list.end(), [&](const auto& h) { return h.name == name; });
    REQUIRE(it != list.end());
    return it->value;
  };
  CHECK(std::get<double>(value("train.steps")) == 321);
  CHECK(std::get<double>(value("seed")) == 1);
  CHECK(std::get<bool>(value("data.center")));
  CHECK(std::get<std::string>(value("data.source")) == "shapes");
  CHECK(std::get<std::string>(value("evolution.growth.trigger.steps")) == "[5,9]");
  for (const auto& h : list)
    CHECK(std::count_if(list.begin(), list.end(), [&](const auto& o) { return o.name == h.name; }) == 1);
}

}  // namespace run_hparams_test

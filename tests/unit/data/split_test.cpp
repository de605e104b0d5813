#include "sseg/data/split.hpp"

#include "support/catch.hpp"

TEST_CASE("splits have names") {
  CHECK(to_string(sseg::Split::train) == "train");
  CHECK(to_string(sseg::Split::validation) == "validation");
  CHECK(to_string(sseg::Split::test) == "test");
}

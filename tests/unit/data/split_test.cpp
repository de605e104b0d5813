#include "sseg/data/split.hpp"

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace split_test {

TEST_CASE("splits have names") {
  CHECK(to_string(sseg::Split::train) == "train");
  CHECK(to_string(sseg::Split::validation) == "validation");
  CHECK(to_string(sseg::Split::test) == "test");
}

TEST_CASE("a split is found by its name") {
  for (const sseg::Split s : {sseg::Split::train, sseg::Split::validation, sseg::Split::test})
    CHECK(sseg::split_named(to_string(s), "--split") == s);
  CHECK_THAT(sseg_test::message_of([] { sseg::split_named("valid", "--split"); }), sseg_test::Contains("'valid'"));
}

}  // namespace split_test

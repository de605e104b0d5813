#include "sseg/core/error.hpp"

#include "support/catch.hpp"

namespace error_test {

TEST_CASE("an error says what, where and the cure") {
  const sseg::Error error("the disk is full", "/data/run", "make room");
  CHECK(std::string(error.what()) == "sseg: the disk is full\n  where: /data/run\n  cure:  make room");
  CHECK(error.where() == "/data/run");
  CHECK(error.cure() == "make room");
}

TEST_CASE("a requirement throws only when it is not met") {
  CHECK_NOTHROW(sseg::require(true, "what", "where", "cure"));
  CHECK_THROWS_AS(sseg::require(false, "what", "where", "cure"), sseg::Error);
  CHECK_THROWS_AS(sseg::require(false, "what", "where", "cure"), std::runtime_error);
}

}  // namespace error_test

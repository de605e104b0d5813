#include "sseg/dist/gather_texts.hpp"

#include "sseg/dist/alone.hpp"
#include "support/catch.hpp"

namespace gather_texts_test {

using namespace sseg;

TEST_CASE("The texts of one process are its own") {
  Alone alone;
  CHECK(gather_texts(alone, "a cell\nthat failed") == std::vector<std::string>{"a cell\nthat failed"});
  CHECK(gather_texts(alone, "") == std::vector<std::string>{""});
}

}  // namespace gather_texts_test

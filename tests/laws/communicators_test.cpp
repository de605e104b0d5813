#include "laws/communicator_law.hpp"
#include "sseg/dist/alone.hpp"

namespace communicators_test {

using namespace sseg;

TEST_CASE("One process alone obeys the communicator law") {
  Alone alone;
  communicator_law::obeys_communicator_law(alone);
}

TEST_CASE("One process alone says when a gathered span does not fit") {
  Alone alone;
  std::vector<float> two(2), three(3);
  CHECK_THROWS_WITH(alone.all_gather(std::span<const float>(two), std::span<float>(three)),
                    Catch::Matchers::Contains("no room for what is gathered"));
}

}  // namespace communicators_test

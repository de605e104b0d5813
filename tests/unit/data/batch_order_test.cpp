#include "sseg/data/batch_order.hpp"

#include <set>

#include "support/catch.hpp"

namespace batch_order_test {

using namespace sseg;

TEST_CASE("Every epoch shows each image at most once, in another order") {
  BatchOrder order(23, 5, Rng(1));
  CHECK(order.steps_per_epoch() == 4);
  std::vector<std::vector<Index>> epochs;
  for (Index epoch = 0; epoch < 3; ++epoch) {
    std::vector<Index> seen;
    for (Index k = 0; k < 4; ++k)
      for (const Index i : order.at(4 * epoch + k)) seen.push_back(i);
    CHECK(std::set<Index>(seen.begin(), seen.end()).size() == 20);
    CHECK(*std::min_element(seen.begin(), seen.end()) >= 0);
    CHECK(*std::max_element(seen.begin(), seen.end()) < 23);
    epochs.push_back(seen);
  }
  CHECK(epochs[0] != epochs[1]);
  CHECK(epochs[1] != epochs[2]);
}

TEST_CASE("The batch of a step does not depend on what was asked before") {
  BatchOrder forward(40, 8, Rng(7)), late(40, 8, Rng(7));
  for (Index s = 0; s < 12; ++s) forward.at(s);
  const auto a = forward.at(13), b = late.at(13);
  CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST_CASE("A batch larger than the data is refused") {
  CHECK_THROWS_AS(BatchOrder(4, 5, Rng(1)), Error);
  CHECK_THROWS_AS(BatchOrder(4, 0, Rng(1)), Error);
}

}  // namespace batch_order_test

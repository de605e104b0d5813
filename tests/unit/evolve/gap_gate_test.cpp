#include "sseg/evolve/gap_gate.hpp"

#include <limits>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace gap_gate_test {

using namespace sseg;

TEST_CASE("Growth waits until the positive path is worse by the gap") {
  const GapGate gate{.min_gap = 0.05};
  gate.check();
  CHECK(gate.asks());
  CHECK(gate.open(0.05));
  CHECK(gate.open(0.5));
  CHECK_FALSE(gate.open(0.049));
  CHECK_FALSE(gate.open(-0.2));
  CHECK(gate.open({}));  // nobody could measure it
}

TEST_CASE("A gate of 0 is always open") {
  CHECK_FALSE(GapGate{}.asks());
  for (const double gap : {-0.3, 0.0, 0.3}) CHECK(GapGate{}.open(gap));
}

TEST_CASE("A gap that makes no sense is refused by name") {
  for (const double wrong : {-0.01, 1.0, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THAT(sseg_test::message_of([&] { GapGate{wrong}.check(); }), sseg_test::Contains("min_gap"));
}

}  // namespace gap_gate_test

#include "sseg/experiment/host_only.hpp"

#include "support/catch.hpp"
#include "unit/io/contains.hpp"

namespace host_only_test {

using namespace sseg;
using sseg_test::Contains;

TEST_CASE("Runs that need the host are told from those that do not, by the setting that needs it") {
  RunConfig c;
  CHECK(host_only(c).empty());
  c.evolution.growth.mutations.widen = "grad_max";
  CHECK_THAT(host_only(c), Contains("evolution.growth.mutations.widen"));
  c = {};
  c.nase.enabled = true;  // a device routes too
  CHECK(host_only(c).empty());
}

}  // namespace host_only_test

#include "support/away.hpp"

#include "backend_law.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/prefer.hpp"
#include "sseg/head/dino_head.hpp"
#include "sseg/head/projection_head.hpp"
#include "support/catch.hpp"

namespace away_test {

using namespace sseg;
using namespace backend_law;

TEST_CASE("A backend whose memory the host cannot touch obeys the backend law") {
  Away<Cpu> away(2);
  obeys_backend_law(away, {5, 13, 11, 1}, 6);
  runs_like_the_reference(away, projection_head(37, 45, 19), {29, 37});
  runs_like_the_reference(away, dino_head(37, 45, 19, 53), {29, 37});
  updates_like_the_reference(away);
}

TEST_CASE("Two backends of one memory make one, and what they had is given back") {
  using Both = Prefer<Away<Cpu>, Away<Cpu>>;
  static_assert(HasMemory<Both>);
  Both both(std::in_place, 2);
  CHECK(memory_of(both) == both.first().memory());
  obeys_backend_law(both, {2, 8, 9, 3}, 5);
  CHECK(both.first().away().blocks() == 0);
}

}  // namespace away_test

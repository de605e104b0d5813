#include "backend_law.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/head/dino_head.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/head/rotation_head.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

namespace backends_test {

using namespace sseg;
using namespace backend_law;

TEST_CASE("Cpu obeys the backend law on whole learners of odd sizes, on every instruction set") {
  const auto obeys = [](auto& cpu) {
    obeys_backend_law(cpu, {5, 13, 11, 1}, 6);
    obeys_backend_law(cpu, {3, 17, 9, 3}, 17);
    obeys_backend_law(cpu, {2, 8, 29, 1}, 33);
  };
  on_every_cpu<Cpu>(obeys);
  on_every_cpu<BasicCpu<4>>(obeys);  // alone it has more ways than beside wider vectors
}

TEST_CASE("Cpu obeys the backend law on the heads, on every instruction set") {
  on_every_cpu<Cpu>([](Cpu& cpu) {
    runs_like_the_reference(cpu, projection_head(37, 45, 19), {29, 37});
    runs_like_the_reference(cpu, dino_head(37, 45, 19, 53), {29, 37});
    runs_like_the_reference(cpu, dino_head(130, 129, 33, 257), {131, 130});
    runs_like_the_reference(cpu, rotation_head(65), {33, 65});
  });
}

TEST_CASE("Reference in float obeys the backend law") {
  Reference<float> reference;
  obeys_backend_law(reference, {4, 9, 10, 3}, 5);
}

TEST_CASE("Updates of weights and teacher obey the backend law") {
  on_every_cpu<Cpu>([](Cpu& cpu) { updates_like_the_reference(cpu); });
  Reference<float> reference;
  updates_like_the_reference(reference);
}

}  // namespace backends_test

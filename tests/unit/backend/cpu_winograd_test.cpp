#include "conv_cases.hpp"

namespace cpu_winograd_test {

TEST_CASE("Winograd with tiles of 2 agrees with the reference, 4 lanes") { conv_cases::winograd_agrees<2, 4>(); }
TEST_CASE("Winograd with tiles of 4 agrees with the reference, 4 lanes") { conv_cases::winograd_agrees<4, 4>(); }
TEST_CASE("Winograd with tiles of 2 agrees with the reference, 8 lanes") { conv_cases::winograd_agrees<2, 8>(); }
TEST_CASE("Winograd with tiles of 4 agrees with the reference, 8 lanes") { conv_cases::winograd_agrees<4, 8>(); }

}  // namespace cpu_winograd_test

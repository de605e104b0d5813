#include "conv_cases.hpp"

namespace cpu_winograd16_test {

TEST_CASE("Winograd with tiles of 2 agrees with the reference, 16 lanes") { conv_cases::winograd_agrees<2, 16>(); }
TEST_CASE("Winograd with tiles of 4 agrees with the reference, 16 lanes") { conv_cases::winograd_agrees<4, 16>(); }

}  // namespace cpu_winograd16_test

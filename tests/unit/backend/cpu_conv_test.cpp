#include "conv_cases.hpp"

TEST_CASE("direct convolution agrees with the reference, 4 lanes") { conv_cases::agree<4>(); }
TEST_CASE("direct convolution agrees with the reference, 8 lanes") { conv_cases::agree<8>(); }

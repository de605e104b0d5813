#include "conv_cases.hpp"

TEST_CASE("direct convolution agrees with the reference, 16 lanes") { conv_cases::agree<16>(); }

#include "conv_cases.hpp"

namespace cpu_conv16_test {

TEST_CASE("direct convolution agrees with the reference, 16 lanes") { conv_cases::agree<16>(); }

}  // namespace cpu_conv16_test

// Sizes that cuBLAS and cuDNN do not take, and sizes of nothing.
#include <vector>

#include "cuda/support/on_device.hpp"
#include "sseg/backend/ops.hpp"

namespace refusals_test {

using namespace sseg;
using Catch::Matchers::Contains;
using cuda_test::Mirror;

TEST_CASE("A product whose rows cuBLAS cannot number is refused in words") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  const Gemm<float> a{Index{1} << 31, 2, 3, 1.f, nullptr, false, nullptr, false, nullptr, false};
  CHECK_FALSE(cuda.can(a));
  CHECK_THROWS_WITH(dispatch(cuda, a), Contains("cuBLAS numbers rows and columns by 31 bits") &&
                                           Contains("(2147483648, 3) and (3, 2)") && Contains("fewer images"));
}

TEST_CASE("A convolution whose values cuDNN cannot number is refused in words, and so is one of no sizes") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  const ConvGeometry large{.n = 2048, .h = 128, .w = 128, .c = 64, .o = 64},
      none{.n = 1, .h = 2, .w = 2, .c = 1, .o = 1, .kernel = 5};
  const auto refuses = [&](const auto& op, const char* why) {
    CHECK_FALSE(cuda.can(op));
    CHECK_THROWS_WITH(dispatch(cuda, op), Contains(why) && Contains(cuda::text_of(op.g)));
  };
  for (const auto& [g, why] : {std::pair{large, "cuDNN numbers the values of a tensor by 31 bits"},
                               std::pair{none, "these are no sizes of a convolution"}}) {
    refuses(Conv2dForward<float>{g, nullptr, nullptr, nullptr, nullptr}, why);
    refuses(Conv2dBackwardData<float>{g, nullptr, nullptr, nullptr}, why);
    refuses(Conv2dBackwardWeights<float>{g, nullptr, nullptr, nullptr, nullptr}, why);
  }
}

TEST_CASE("Products and convolutions of nothing do what is left to do") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Mirror c(cuda, std::vector<float>{1, 2, 3, 4, 5, 6});
  dispatch(cuda, Gemm<float>{0, 3, 4, 1.f, nullptr, false, nullptr, false, nullptr, false});
  dispatch(cuda, Gemm<float>{2, 3, 0, 1.f, nullptr, false, nullptr, false, c.data(), true});
  CHECK(c.read() == std::vector<float>{1, 2, 3, 4, 5, 6});
  dispatch(cuda, Gemm<float>{2, 3, 0, 1.f, nullptr, false, nullptr, false, c.data(), false});
  CHECK(c.read() == std::vector<float>(6));
  const ConvGeometry g{.n = 0, .h = 4, .w = 4, .c = 1, .o = 1};
  dispatch(cuda, Conv2dForward<float>{g, nullptr, nullptr, nullptr, nullptr});
  dispatch(cuda, Conv2dBackwardData<float>{g, nullptr, nullptr, nullptr});
  dispatch(cuda, Conv2dBackwardWeights<float>{g, nullptr, nullptr, c.data(), nullptr});
  CHECK(c.read() == std::vector<float>(6));
}

}  // namespace refusals_test

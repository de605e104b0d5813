#include <cmath>
#include <limits>
#include <vector>

#include "cuda/support/floats.hpp"
#include "cuda/support/on_device.hpp"
#include "unit/backend/oracle.hpp"

namespace half_test {

// Convolutions with factors of 16 bits.

using namespace sseg;
using namespace oracle;
using cuda_test::Floats;
using cuda_test::short_numbers;

namespace {

/// `rounding`: of the format.
template <cuda::Storage S>
void convolves(double rounding, float gradient_size) {
  BasicCuda<S> cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  for (const ConvGeometry& g : {ConvGeometry{2, 9, 8, 3, 16, 3, 1, 1}, ConvGeometry{3, 7, 7, 16, 8, 3, 2, 1}}) {
    INFO("channels " << g.c << " to " << g.o << ", gradients of " << gradient_size);
    const auto x = short_numbers(g.in_count(), 1, 1), w = short_numbers(g.weight_count(), 2, 1),
               dy = short_numbers(g.out_count(), 3, gradient_size), bias = random(g.o, 4);
    const auto xd = widen(x), wd = widen(w), dyd = widen(dy), bd = widen(bias);
    std::vector<double> y(to_size(g.out_count())), dx(x.size()), dw(w.size(), 0.5);
    Floats on_x(cuda.memory(), x), on_w(cuda.memory(), w), on_dy(cuda.memory(), dy), on_b(cuda.memory(), bias),
        on_y(cuda.memory(), std::vector<float>(y.size())), on_dx(cuda.memory(), std::vector<float>(dx.size())),
        on_dw(cuda.memory(), std::vector<float>(dw.size(), 0.5f));
    cuda.run(Conv2dForward<float>{g, on_x.data(), on_w.data(), on_b.data(), on_y.data()});
    cuda.run(Conv2dBackwardData<float>{g, on_dy.data(), on_w.data(), on_dx.data()});
    cuda.run(Conv2dBackwardWeights<float>{g, on_x.data(), on_dy.data(), on_dw.data(), nullptr});
    reference.run(Conv2dForward<double>{g, xd.data(), wd.data(), bd.data(), y.data()});
    reference.run(Conv2dBackwardData<double>{g, dyd.data(), wd.data(), dx.data()});
    reference.run(Conv2dBackwardWeights<double>{g, xd.data(), dyd.data(), dw.data(), nullptr});
    CHECK(distance(y, on_y.read()) < rounding);
    CHECK(distance(dx, on_dx.read()) < rounding);
    CHECK(distance(dw, on_dw.read()) < 1e-3);  // TF32 rounds gradients that are no short numbers
  }
}

}  // namespace

TEST_CASE("Convolutions with bfloat16 factors are the reference's but for the rounding of their results") {
  SSEG_ON_DEVICE();
  for (const float size : {1.f, 1e-20f, 1e20f}) convolves<cuda::Storage::bf16>(1. / 256, size);
}

TEST_CASE("Convolutions with f16 factors are the reference's, and gradients of any size stay in range") {
  SSEG_ON_DEVICE();
  for (const float size : {1.f, 1e-20f, 1e20f}) convolves<cuda::Storage::f16>(1. / 1024, size);
}

TEST_CASE("A backend of 16 bits says so, and leaves joint operations alone") {
  SSEG_ON_DEVICE();
  BasicCuda<cuda::Storage::bf16> cuda({.cache = cuda_test::kernel_cache()});
  CHECK(cuda.arithmetic().find(", bf16, TF32") != std::string::npos);
  const ConvGeometry g{1, 8, 8, 4, 4, 3, 1, 1};
  const Conv2dNormReluPool<float> joint{{g, nullptr, nullptr, nullptr, nullptr},
                                        {{1, 8, 8, 4, 2, true}, nullptr, nullptr, nullptr, nullptr}};
  CHECK_FALSE(cuda.can(joint));
}

}  // namespace half_test

#include "cuda/support/on_device.hpp"
#include "laws/backend_law.hpp"
#include "sseg/head/dino_head.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/head/rotation_head.hpp"
#include "sseg/layer.hpp"

namespace laws_test {

using namespace sseg;
using namespace backend_law;

namespace {

/// A layer by itself, in both modes: its output and its parameters' gradients are those of the reference.
template <class L>
void layer_runs_like_the_reference(Cuda& cuda, const L& layer, Shape in) {
  auto values = make_store<double>(layer, 0, Rng(5));
  for (double& v : values.value) v = static_cast<double>(static_cast<float>(v));
  Reference<double> reference;
  for (const Mode mode : {Mode::train, Mode::eval}) {
    INFO(to_string(in));
    const Result want = run(reference, layer, in, values, mode), got = run(cuda, layer, in, values, mode);
    CHECK(distance(want.y, got.y) < 5e-6);
    if (!want.dw.empty()) CHECK(distance(want.dw, got.dw) < 2e-5);
  }
}

}  // namespace

TEST_CASE("Cuda obeys the backend law on whole learners of odd sizes") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  obeys_backend_law(cuda, {5, 13, 11, 1}, 6);
  obeys_backend_law(cuda, {3, 17, 9, 3}, 17);
  obeys_backend_law(cuda, {2, 8, 29, 1}, 33);
}

TEST_CASE("Cuda obeys the backend law on the heads") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  runs_like_the_reference(cuda, projection_head(37, 45, 19), {29, 37});
  runs_like_the_reference(cuda, dino_head(37, 45, 19, 53), {29, 37});
  runs_like_the_reference(cuda, dino_head(130, 129, 33, 257), {131, 130});
  runs_like_the_reference(cuda, rotation_head(65), {33, 65});
}

TEST_CASE("Updates of weights and teacher on Cuda obey the backend law") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  updates_like_the_reference(cuda);
}

TEST_CASE("Every layer runs on Cuda as on the reference, in both modes") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  layer_runs_like_the_reference(cuda, Conv2d{.in = 1, .out = 3}, {2, 5, 4, 1});
  layer_runs_like_the_reference(cuda, Conv2d{.in = 3, .out = 2, .kernel = 1, .pad = 0}, {2, 3, 3, 3});
  layer_runs_like_the_reference(cuda, Conv2d{.in = 2, .out = 3, .kernel = 5, .stride = 2, .pad = 2}, {1, 7, 6, 2});
  layer_runs_like_the_reference(cuda, Linear{.in = 7, .out = 3}, {5, 7});
  layer_runs_like_the_reference(cuda, batch_norm(3), {4, 3, 2, 3});
  layer_runs_like_the_reference(cuda, NormReluPool{.channels = 3, .pool = 2}, {2, 5, 4, 3});
  layer_runs_like_the_reference(cuda, NormReluPool{.channels = 2, .pool = 3, .relu = false}, {2, 7, 6, 2});
  layer_runs_like_the_reference(cuda, BatchNormRows{5}, {4, 5});
  layer_runs_like_the_reference(cuda, WeightNormLinear{.in = 5, .out = 3}, {4, 5});
  layer_runs_like_the_reference(cuda, chain(Conv2d{2, 3}, NormReluPool{3, 2}), {2, 6, 6, 2});
  layer_runs_like_the_reference(cuda, Relu{}, {3, 4, 2, 5});
  layer_runs_like_the_reference(cuda, Gelu{}, {3, 4, 2, 5});
  layer_runs_like_the_reference(cuda, MaxPool{2}, {2, 5, 4, 3});
  layer_runs_like_the_reference(cuda, MaxPool{3}, {1, 7, 6, 2});
  layer_runs_like_the_reference(cuda, GlobalPool{}, {3, 4, 5, 2});
  layer_runs_like_the_reference(cuda, Flatten{}, {2, 3, 2, 4});
  layer_runs_like_the_reference(cuda, L2Normalize{}, {4, 6});
}

}  // namespace laws_test

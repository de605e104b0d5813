// The real cuDNN on a machine without a GPU: plans for every convolution of what is shipped, for six devices told of.
#include <algorithm>
#include <array>
#include <fstream>

#include "cuda/support/shipped_shapes.hpp"
#include "sseg/backend/cuda/conv_plan.hpp"
#include "support/catch.hpp"

#if !defined(SSEG_CUDA_TEST_FOLDER)  // a tool reads this file without the build's definitions
#define SSEG_CUDA_TEST_FOLDER ""
#define SSEG_CONFIG_FOLDER ""
#endif

namespace plans_test {

using namespace sseg;
using namespace sseg::cuda;
using namespace cuda_test;
using Catch::Matchers::Contains;

namespace {

const std::array<const char*, 6> devices{"t4", "a100", "l4", "h100", "b200", "rtx5090"};
const std::array<ConvPass, 5> passes{ConvPass::forward, ConvPass::forward_bias, ConvPass::forward_bias_relu,
                                     ConvPass::backward_data, ConvPass::backward_weights};

DeviceDescription described(const std::string& name) {
  return DeviceDescription(read_file(std::string(SSEG_CUDA_TEST_FOLDER) + "/devices/" + name + ".json", 1 << 16));
}

const ConvShapes& shipped() {
  static const ConvShapes all = [] {
    ConvShapes s = config_shapes(SSEG_CONFIG_FOLDER);
    s.merge(benchmark_shapes());
    return s;
  }();
  return all;
}

/// The same with odd numbers of channels, as nets have that widen by a factor: no row of theirs begins at a multiple of
/// 16 bytes.
const ConvShapes& odd() {
  static const ConvShapes all = [] {
    ConvShapes s;
    for (ConvGeometry g : shipped()) {
      g.c |= 1, g.o |= 1;
      s.insert(g);
    }
    return s;
  }();
  return all;
}

/// What PatchesByConvolution makes of the shipped entries, pooled by 2: convolutions that select, and gradients in the
/// weights of an entry with a filter for each value of a patch, and of a reader of patches.
struct PatchShapes {
  ConvShapes selecting, products, readers;
};
const PatchShapes& patches() {
  static const PatchShapes all = [] {
    PatchShapes s;
    for (const ConvGeometry& g : shipped()) {
      if (g.kernel != 3 || g.stride != 1 || g.h < 2 || g.w < 2) continue;
      const Index values = 9 * g.c;
      const Index some = std::clamp<Index>((Index{1} << 24) / (g.h * g.w * values), 1, g.n);
      s.selecting.insert({g.n, g.h, g.w, g.c, values, 4, 2, 1});
      s.selecting.insert({some, g.h, g.w, g.c, values, 3, 1, 1});
      s.products.insert({some, g.h, g.w, g.c, values, 3, 1, 1});
      s.readers.insert({g.n, g.h / 2, g.w / 2, values, g.o, 3, 1, 1});
    }
    return s;
  }();
  return all;
}

/// Every problem of one kind gets a plan, or the message of the first that does not.
std::string refusal_of(const char* device, Storage storage, bool tf32, ConvPass pass,
                       const ConvShapes& shapes = shipped(), int alignment = 16) {
  const DeviceDescription description = described(device);
  for (const ConvGeometry& g : shapes) try {
      const ConvPlan plan(description, {pass, g, storage, tf32, alignment});
      if (plan.workspace() > ConvPlan::most_workspace) return "too large a workspace";
    } catch (const Error& e) {
      return e.where() + ": " + e.what_happened();
    }
  return {};
}

}  // namespace

TEST_CASE("The shipped shapes are those of all configurations and of the nets of the benchmarks") {
  CHECK(shipped().count({128, 28, 28, 1, 32, 3, 1, 1}) == 1);     // preset demo, its first convolution
  CHECK(shipped().count({512, 28, 28, 1, 64, 3, 1, 1}) == 1);     // net b on 28 x 28
  CHECK(shipped().count({128, 10, 10, 128, 256, 3, 1, 1}) == 1);  // net c on 84 x 84
  CHECK(shipped().size() > 60);
}

TEST_CASE("cuDNN has exact float plans for every shipped convolution on every device") {
  for (const char* const device : devices)
    for (const ConvPass pass : passes) CHECK(refusal_of(device, Storage::f32, false, pass) == "");
}

TEST_CASE("cuDNN has TF32 plans for every shipped convolution on every device") {
  for (const char* const device : devices)
    for (const ConvPass pass : passes) CHECK(refusal_of(device, Storage::f32, true, pass) == "");
}

TEST_CASE("cuDNN has bfloat16 plans for every shipped convolution, but for the T4, which has none") {
  for (const char* const device : devices)
    for (const ConvPass pass : passes) {
      const std::string refusal = refusal_of(device, Storage::bf16, false, pass);
      INFO(device);
      if (std::string(device) == "t4")
        CHECK_THAT(refusal, Contains("bf16") && Contains("cuDNN has no plan"));
      else
        CHECK(refusal == "");
    }
}

TEST_CASE("cuDNN has f16 plans for every shipped convolution on every device") {
  for (const char* const device : devices)
    for (const ConvPass pass : passes) CHECK(refusal_of(device, Storage::f16, false, pass) == "");
}

TEST_CASE("cuDNN has plans for maps in 16 bits that begin at any value") {
  for (const char* const device : devices)
    for (const Storage storage : {Storage::bf16, Storage::f16})
      for (const ConvPass pass :
           {ConvPass::forward, ConvPass::forward_bias, ConvPass::backward_data, ConvPass::backward_weights}) {
        if (std::string(device) == "t4" && storage == Storage::bf16) continue;
        INFO(device);
        CHECK(refusal_of(device, storage, false, pass, shipped(), 2) == "");
        CHECK(refusal_of(device, storage, false, pass, odd(), 2) == "");
      }
}

TEST_CASE("cuDNN has plans for tensors that begin at any float, as the backend asks for where one does") {
  for (const char* const device : devices)
    for (const ConvPass pass : passes)
      for (const bool tf32 : {false, true}) {
        INFO(device);
        CHECK(refusal_of(device, Storage::f32, tf32, pass, shipped(), 4) == "");
        CHECK(refusal_of(device, Storage::f32, tf32, pass, odd(), 4) == "");
      }
}

TEST_CASE("cuDNN has plans for odd numbers of channels, float, bfloat16 and f16") {
  for (const char* const device : devices)
    for (const ConvPass pass : passes) {
      INFO(device);
      CHECK(refusal_of(device, Storage::f32, false, pass, odd()) == "");
      CHECK(refusal_of(device, Storage::f16, false, pass, odd()) == "");
      if (std::string(device) == "t4") continue;
      for (const int alignment : {4, 16}) CHECK(refusal_of(device, Storage::bf16, false, pass, odd(), alignment) == "");
    }
}

TEST_CASE("cuDNN has plans for the patches of GradMax, float, TF32 and bfloat16") {
  for (const char* const device : {"l4", "h100"}) {
    INFO(device);
    for (const bool tf32 : {false, true}) {
      CHECK(refusal_of(device, Storage::f32, tf32, ConvPass::forward, patches().selecting) == "");
      CHECK(refusal_of(device, Storage::f32, tf32, ConvPass::backward_weights, patches().products) == "");
      CHECK(refusal_of(device, Storage::f32, tf32, ConvPass::backward_weights, patches().readers) == "");
    }
    CHECK(refusal_of(device, Storage::bf16, false, ConvPass::forward, patches().selecting) == "");
  }
}

TEST_CASE("cuDNN's refusals say what is wrong") {
  const DeviceDescription a100 = described("a100");
  const ConvGeometry g{2, 9, 8, 3, 4, 3, 2, 1};
  ConvGeometry wrong = g;
  wrong.kernel = 11;  // larger than the padded image
  CHECK_THROWS_WITH(ConvPlan(a100, {ConvPass::forward, wrong}), Contains("CUDNN_STATUS_BAD_PARAM"));
  CHECK_THROWS_WITH(DeviceDescription("{"), Contains("DeviceDescription"));
  CHECK(ConvPlan(a100, {ConvPass::forward, g}).tried() >= 1);
}

}  // namespace plans_test

// What the backend says where there is no device, or not the one that was asked for.
#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"
#include "support/catch.hpp"

namespace probe_test {

using namespace sseg;
using Catch::Matchers::Contains;

namespace {

cuda_double::Card card(const char* name, int major, int minor) {
  cuda_double::Card c;
  c.name = name, c.major = major, c.minor = minor;
  return c;
}

Cuda cuda_on(int device) { return Cuda({.device = device, .cache = cuda_test::kernel_cache()}); }

}  // namespace

TEST_CASE("Without a device the reason and the cure are named") {
  cuda_double::start({});
  cuda_double::World& w = cuda_double::world();
  const auto says = [&](cudaError_t status, int driver, const char* reason) {
    w.no_device = status;
    w.driver_version = driver;
    CHECK_THAT(cuda::DeviceProbe::ask().reason, Contains(reason));
    CHECK_FALSE(cuda::DeviceProbe::ask().cure.empty());
    CHECK_THROWS_WITH(Cuda(), Contains("there is no CUDA device") && Contains(reason));
    CHECK(cudaGetLastError() == cudaSuccess);  // nothing stays behind for others to find
  };
  says(cudaErrorInsufficientDriver, 0, "no NVIDIA driver is installed");
  says(cudaErrorInsufficientDriver, 11080, "the NVIDIA driver serves CUDA 11.8 at most");
  says(cudaErrorStubLibrary, 13000, "stub");
  says(cudaErrorNoDevice, 13000, "sees no GPU");
  says(cudaErrorUnknown, 13000, "cudaErrorUnknown");
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("A device that is not there is named, one that is says what it is") {
  cuda_test::start_double({card("Tesla T4", 7, 5), card("NVIDIA A100-SXM4-80GB", 8, 0)});
  CHECK_THROWS_WITH(cuda_on(2), Contains("no CUDA device 2, only 2"));
  CHECK_THROWS_WITH(cuda_on(-1), Contains("numbered from 0"));
  {
    const Cuda second = cuda_on(1);
    CHECK(second.facts().name == "NVIDIA A100-SXM4-80GB");
    CHECK(second.facts().architecture == 80);
    CHECK(second.facts().has_bf16());
    CHECK(second.arithmetic() == "NVIDIA A100-SXM4-80GB");
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("A device without bfloat16 is named where that is asked for") {
  cuda_test::start_double({card("Tesla T4", 7, 5)});
  const CudaOptions options{.cache = cuda_test::kernel_cache()};
  CHECK_THROWS_WITH(BasicCuda<cuda::Storage::bf16>(options), Contains("Tesla T4 has no bfloat16"));
  CHECK(BasicCuda<cuda::Storage::f16>(options).arithmetic() == "Tesla T4, f16, TF32");
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("A device that NVRTC does not serve is named") {
  cuda_test::start_double({card("Tesla K80", 3, 7)});
  CHECK_THROWS_WITH(cuda_on(0), Contains("NVRTC does not know the architecture sm_37"));
  CHECK(cuda_test::double_faults().empty());
}

}  // namespace probe_test

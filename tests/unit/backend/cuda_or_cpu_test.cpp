#include "sseg/backend/cuda_or_cpu.hpp"

#include "support/captured_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace cuda_or_cpu_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

const DeviceAnswer here{}, broken{"the driver is missing", "install it"},
    unknown{"it was built without", "build", false};

}  // namespace

TEST_CASE("A program takes the GPU where it is wanted and there") {
  CHECK(takes_device("auto", here, stdout));
  CHECK(takes_device("cuda", here, stdout));
  CHECK_FALSE(takes_device("cpu", here, stdout));
}

TEST_CASE("Auto falls back to the CPU and says why, once, or nothing where no GPU is known") {
  const auto said = [](std::string_view wanted, const DeviceAnswer& device) {
    sseg_test::CapturedFile out;
    CHECK_FALSE(takes_device(wanted, device, out.file()));
    return out.text();
  };
  CHECK(said("auto", broken) == "backend: the CPU, because the driver is missing\n");
  CHECK(said("auto", unknown).empty());
  CHECK(said("cpu", broken).empty());
}

TEST_CASE(
    "Cuda is refused with the reason and the cure where it cannot be had, and so is a word that names no backend") {
  for (const DeviceAnswer& device : {broken, unknown})
    CHECK_THAT(message_of([&] { takes_device("cuda", device, stdout); }),
               Contains(device.reason) && Contains(device.cure));
  CHECK_THAT(message_of([&] { takes_device("tpu", here, stdout); }), Contains("give auto, cpu or cuda"));
}

#if !defined(SSEG_WITH_CUDA)
TEST_CASE("A program built without CUDA runs on the Cpu, and refuses cuda") {
  const auto threads = [](auto& backend) { return backend.threads().count(); };
  CHECK(with_cuda_or_cpu({"auto"}, {}, {.threads = 2}, stdout, threads) == 2);
  CHECK(with_cuda_or_cpu({"cpu"}, "something", {.threads = 3}, stdout, threads) == 3);
  CHECK_THAT(message_of([&] { with_cuda_or_cpu({"cuda"}, {}, {}, stdout, threads); }), Contains("built without it"));
}

TEST_CASE("Graphs that must be are refused on the Cpu") {
  const auto name = [](auto& backend) { return std::string(backend.name); };
  CHECK_THAT(
      message_of([&] { with_cuda_or_cpu({.backend = "cpu", .graphs = cuda::GraphUse::on}, {}, {}, stdout, name); }),
      Contains("this run is on the CPU") && Contains("give auto"));
}

TEST_CASE("The Cpu computes in float, and says so where something else was chosen") {
  const auto said = [](std::string_view precision) {
    sseg_test::CapturedFile out;
    const auto name = [](auto& backend) { return std::string(backend.name); };
    const std::string taken = with_cuda_or_cpu({"auto", precision}, {}, {.threads = 1}, out.file(), name);
    CHECK(taken == "cpu");
    return out.text();
  };
  CHECK(said("f32").empty());
  for (const char* const precision : {"tf32", "bf16", "f16"})
    CHECK(said(precision) == "precision: f32, as always on the CPU\n");
  CHECK_THAT(message_of([&] { said("f8"); }), Contains("give f32, tf32, bf16 or f16"));
}
#endif

}  // namespace cuda_or_cpu_test

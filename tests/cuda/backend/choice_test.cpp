#include <cstdlib>
#include <string>
#include <utility>

#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"
#include "support/captured_file.hpp"

// This file is a program that knows a GPU.
#define SSEG_WITH_CUDA
#include "sseg/backend/cuda_or_cpu.hpp"

using namespace sseg;

namespace {

/// The name of the backend that `wanted` gives, and what was said.
std::pair<std::string, std::string> chosen(const char* wanted, const char* unfit = "") {
  ::setenv("XDG_CACHE_HOME", cuda_test::kernel_cache().c_str(), 1);
  sseg_test::CapturedFile out;
  std::string name = with_cuda_or_cpu(wanted, unfit, {.threads = 1}, out.file(),
                                      [](auto& backend) { return std::string(backend.name); });
  return {name, out.text()};
}

}  // namespace

TEST_CASE("A program that knows a GPU takes it where it is and can do the work") {
  SSEG_ON_DEVICE();
  CHECK(chosen("auto") == std::pair<std::string, std::string>{"cuda", ""});
  CHECK(chosen("cuda").first == "cuda");
  CHECK(chosen("cpu") == std::pair<std::string, std::string>{"cpu", ""});
  CHECK(chosen("auto", "it needs the host") ==
        std::pair<std::string, std::string>{"cpu", "backend: the CPU, because it needs the host\n"});
  CHECK_THROWS_WITH(chosen("cuda", "it needs the host"), Catch::Matchers::Contains("it needs the host"));
}

TEST_CASE("A GPU that a library does not serve is named, and auto takes the CPU") {
  cuda_double::Card old;
  old.name = "Tesla K80", old.major = 3, old.minor = 7;
  cuda_test::start_double({old});
  const auto [name, said] = chosen("auto");
  CHECK(name == "cpu");
  CHECK(said.find("sm_37") != std::string::npos);
  CHECK_THROWS_WITH(chosen("cuda"), Catch::Matchers::Contains("sm_37"));
  CHECK(cuda_test::double_faults().empty());
  cuda_test::start_double({});
  CHECK(chosen("auto").first == "cpu");
}

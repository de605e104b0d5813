// Every kernel through the real NVRTC, for every architecture that it knows and the library serves.
#include <nvrtc.h>

#include <set>
#include <vector>

#include "cuda/double/cubin.hpp"
#include "sseg/backend/cuda/kernel_list.hpp"
#include "sseg/backend/cuda/kernel_source.hpp"
#include "sseg/backend/cuda/nvrtc.hpp"
#include "support/catch.hpp"

namespace kernels_test {

using namespace sseg::cuda;

namespace {

std::vector<int> architectures() {
  int count = 0;
  REQUIRE(nvrtcGetNumSupportedArchs(&count) == NVRTC_SUCCESS);
  std::vector<int> all(static_cast<std::size_t>(count));
  REQUIRE(nvrtcGetSupportedArchs(all.data()) == NVRTC_SUCCESS);
  return all;
}

/// What NVRTC and the assembler say about all kernels with the library's options.
std::string log_for(int architecture) {
  const std::string source = kernel_source(), arch = "--gpu-architecture=sm_" + std::to_string(architecture);
  std::vector<const char*> options(nvrtc_options.begin(), nvrtc_options.end());
  options.insert(options.end(), {arch.c_str(), "--ptxas-options=--verbose", "--ptxas-options=--warn-on-spills",
                                 "--ptxas-options=--warn-on-local-memory-usage"});
  nvrtcProgram program{};
  REQUIRE(nvrtcCreateProgram(&program, source.c_str(), "kernels.cu", 0, nullptr, nullptr) == NVRTC_SUCCESS);
  const nvrtcResult result = nvrtcCompileProgram(program, static_cast<int>(options.size()), options.data());
  std::size_t size = 0;
  nvrtcGetProgramLogSize(program, &size);
  std::string log(size, '\0');
  nvrtcGetProgramLog(program, log.data());
  nvrtcDestroyProgram(&program);
  INFO(log);
  REQUIRE(result == NVRTC_SUCCESS);
  return log;
}

}  // namespace

TEST_CASE("Every kernel compiles for every architecture, without a warning and without spilling a register") {
  std::set<int> served{75, 80, 86, 89, 90, 100, 120};
  for (const int architecture : architectures()) {
    INFO("sm_" << architecture);
    served.erase(architecture);
    const std::string log = log_for(architecture);
    each_kernel([&]<class K>() {
      INFO(K::symbol);
      CHECK(log.find("Compiling entry function '" + std::string(K::symbol) + "'") != std::string::npos);
    });
    const auto warning = log.find("warning");
    INFO((warning == std::string::npos ? "" : log.substr(warning, 300)));
    CHECK(warning == std::string::npos);
  }
  CHECK(served.empty());
}

TEST_CASE("The parameters of every kernel are as large as those of its host twin") {
  for (const int architecture : {75, 120}) {
    const std::string image = compile_cubin(kernel_source(), architecture);
    const cuda_double::Cubin cubin = cuda_double::read_cubin(image.data());
    CHECK(cubin.architecture == architecture);
    std::size_t kernels = 0;
    each_kernel([&]<class K>() {
      INFO(K::symbol);
      ++kernels;
      REQUIRE(cubin.kernels.count(K::symbol) == 1);
      const cuda_double::CubinKernel& real = cubin.kernels.at(K::symbol);
      const auto twin = []<class... A>(void (HostBlock::*)(A...) const) {
        return std::vector<std::uint32_t>{sizeof(A)...};
      };
      CHECK(real.parameter_bytes == twin(K::twin));
      CHECK(real.most_threads == threads_of_block);
      CHECK(real.shared_bytes <= 48 << 10);
    });
    CHECK(cubin.kernels.size() == kernels);
  }
}

TEST_CASE("A kernel that does not compile shows the compiler's words") {
  CHECK_THROWS_WITH(compile_cubin("extern \"C\" __global__ void f() { nonsense(); }", 90),
                    Catch::Matchers::Contains("identifier \"nonsense\" is undefined"));
  CHECK_THROWS_WITH(compile_cubin(kernel_source(), 37), Catch::Matchers::Contains("sm_37"));
}

}  // namespace kernels_test

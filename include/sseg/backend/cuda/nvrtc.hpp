#pragma once
// The only door to NVRTC, NVIDIA's compiler as a library. It needs no device.
#include <nvrtc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "sseg/core/error.hpp"

namespace sseg::cuda {

/// The compiler's options beside the architecture: part of what a cubin depends on.
inline constexpr std::array<const char*, 2> nvrtc_options{"--std=c++17", "--device-as-default-execution-space"};

namespace detail {

inline void check(nvrtcResult result, const char* where) {
  if (result != NVRTC_SUCCESS)
    throw Error(std::string("NVRTC: ") + nvrtcGetErrorString(result), where,
                "check that libnvrtc and libnvrtc-builtins are of one version");
}

class NvrtcProgram {
 public:
  NvrtcProgram(const std::string& source, const char* name) {
    check(nvrtcCreateProgram(&program_, source.c_str(), name, 0, nullptr, nullptr), "nvrtcCreateProgram");
  }
  NvrtcProgram(const NvrtcProgram&) = delete;
  NvrtcProgram& operator=(const NvrtcProgram&) = delete;
  ~NvrtcProgram() { (void)nvrtcDestroyProgram(&program_); }

  /// Throws: Error with the compiler's log.
  void compile(const std::string& architecture) {
    const std::string option = "--gpu-architecture=" + architecture;
    std::array<const char*, 1 + nvrtc_options.size()> options{option.c_str()};
    std::copy(nvrtc_options.begin(), nvrtc_options.end(), options.begin() + 1);
    const nvrtcResult result = nvrtcCompileProgram(program_, static_cast<int>(options.size()), options.data());
    if (result == NVRTC_SUCCESS) return;
    if (result == NVRTC_ERROR_INVALID_OPTION)
      throw Error("NVRTC does not know the architecture " + architecture, "nvrtcCompileProgram",
                  "install a toolkit that serves this device");
    throw Error(std::string("NVRTC: ") + nvrtcGetErrorString(result) + "\n" + log(), "nvrtcCompileProgram",
                "report it: the kernels are part of the library");
  }
  std::string cubin() const {
    std::size_t size = 0;
    check(nvrtcGetCUBINSize(program_, &size), "nvrtcGetCUBINSize");
    std::string bytes(size, '\0');
    check(nvrtcGetCUBIN(program_, bytes.data()), "nvrtcGetCUBIN");
    return bytes;
  }

 private:
  std::string log() const {
    std::size_t size = 0;
    if (nvrtcGetProgramLogSize(program_, &size) != NVRTC_SUCCESS) return {};
    std::string text(size, '\0');
    return nvrtcGetProgramLog(program_, text.data()) == NVRTC_SUCCESS ? text : std::string();
  }

  nvrtcProgram program_ = nullptr;
};

}  // namespace detail

/// Machine code of CUDA C++ for one architecture, as 90 for sm_90. Throws: Error with the compiler's log.
inline std::string compile_cubin(const std::string& source, int architecture) {
  detail::NvrtcProgram program(source, "sseg_kernels.cu");
  program.compile("sm_" + std::to_string(architecture));
  return program.cubin();
}

/// "13.0"
inline std::string nvrtc_version() {
  int major = 0, minor = 0;
  detail::check(nvrtcVersion(&major, &minor), "nvrtcVersion");
  return std::to_string(major) + "." + std::to_string(minor);
}

}  // namespace sseg::cuda

#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "sseg/backend/cuda.hpp"
#include "support/catch.hpp"

/// What the tests in shared/ ask of the place where they run: the double, or a card. They are linked with one of the
/// two.
namespace cuda_test {

/// Makes the place ready. Why it cannot be, or empty.
std::string why_not_here();
/// What went wrong beside the results: misuse of a library, things not given back. A card does not tell.
std::vector<std::string> faults();

/// Compiled kernels of all tests of one run.
inline std::filesystem::path kernel_cache() {
  return std::filesystem::temp_directory_path() / "sseg_test_cuda_kernels";
}

/// One test's stay: at its end nothing may have gone wrong. Declared before everything that is on the device.
struct Visit {
  Visit() = default;
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() {
    for (const std::string& fault : faults()) {
      UNSCOPED_INFO(fault);
      CHECK(fault.empty());
    }
  }
};

/// A host array with its twin on the device.
template <class T = float>
class Mirror {
 public:
  Mirror(sseg::Cuda& cuda, const std::vector<T>& host)
      : cuda_(cuda), array_(cuda.device().pool(), static_cast<sseg::Index>(host.size())) {
    array_.upload(cuda.device().stream(), host);
  }
  T* data() { return array_.data(); }
  std::vector<T> read() const {
    std::vector<T> host(sseg::to_size(array_.size()));
    array_.download(cuda_.device().stream(), host);
    return host;
  }

 private:
  sseg::Cuda& cuda_;
  sseg::cuda::DeviceArray<T> array_;
};

}  // namespace cuda_test

/// Ends the test as skipped where it cannot run. Requires: stands first in the body of a TEST_CASE.
#define SSEG_ON_DEVICE()                                                                              \
  if (const std::string sseg_why = cuda_test::why_not_here(); !sseg_why.empty()) SSEG_SKIP(sseg_why); \
  const cuda_test::Visit sseg_visit

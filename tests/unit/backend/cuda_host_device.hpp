#pragma once
#include <cstring>
#include <initializer_list>
#include <limits>
#include <list>
#include <span>
#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cuda/host_twin.hpp"
#include "sseg/backend/cuda/queue_columns.hpp"
#include "sseg/backend/cuda/queue_norm.hpp"
#include "sseg/backend/cuda/queue_rows.hpp"
#include "sseg/backend/cuda/queue_updates.hpp"

/// The device that queue() drives, played by the kernels' twins: host memory, and everything at once. Its workspace is
/// NaN whenever it is handed out. Blocks run last to first, which must not matter.
class CudaHostDevice {
 public:
  template <class K, class... A>
  void launch(sseg::Index blocks, A... arguments) {
    ++launches;
    for (sseg::Index i = blocks - 1; i >= 0; --i) (sseg::cuda::HostBlock{i, blocks}.*K::twin)(arguments...);
  }
  void* workspace(std::size_t bytes) {
    space_.assign(bytes / sizeof(double) + 1, std::numeric_limits<double>::quiet_NaN());
    return space_.data();
  }
  void copy(void* to, const void* from, std::size_t bytes) { std::memcpy(to, from, bytes); }
  void upload(void* to, const void* from, std::size_t bytes) { std::memcpy(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes) { std::memcpy(to, from, bytes); }

  /// Every third time as arguments, as a device that gathers work and one that does not.
  const float* changing(std::span<const float> numbers) {
    if (++asked_ % 3 == 0) return nullptr;
    return numbers_.emplace_back(numbers.begin(), numbers.end()).data();
  }
  const float* changing(std::initializer_list<float> numbers) {
    return changing(std::span<const float>(numbers.begin(), numbers.size()));
  }
  static const unsigned char* cohorts(std::span<const unsigned char> bytes) { return bytes.data(); }

  const sseg::cuda::SkipWhere& skip() const { return where; }

  int launches = 0;
  sseg::cuda::SkipWhere where;

 private:
  std::vector<double> space_;
  std::list<std::vector<float>> numbers_;
  int asked_ = 0;
};

/// The kernels' twins as a backend, to stand beside others.
struct ByCudaTwins {
  CudaHostDevice device;
  template <class Op>
  void run(const Op& op) {
    sseg::cuda::queue(device, op);
  }
};

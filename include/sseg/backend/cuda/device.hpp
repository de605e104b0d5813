#pragma once
#include <memory>
#include <span>
#include <utility>

#include "sseg/backend/cuda/device_array.hpp"
#include "sseg/backend/cuda/device_facts.hpp"
#include "sseg/backend/cuda/kernel_library.hpp"
#include "sseg/backend/cuda/stream.hpp"

namespace sseg::cuda {

/// One GPU as operations see it (queue_elementwise.hpp): a stream, memory, kernels.
class Device {
 public:
  /// Makes `facts.ordinal` the current device of this thread. Throws: Error.
  Device(DeviceFacts facts, const CubinCache& cache)
      : facts_(select(std::move(facts))), pool_(std::make_shared<DevicePool>()), kernels_(facts_.architecture, cache) {}

  const DeviceFacts& facts() const { return facts_; }
  const Stream& stream() const { return stream_; }
  const std::shared_ptr<DevicePool>& pool() const { return pool_; }

  template <class K, class... A>
  void launch(Index blocks, A... arguments) {
    kernels_.launch<K>(stream_, blocks, arguments...);
  }
  void* workspace(std::size_t bytes) {
    workspace_.reserve_at_least(pool_, static_cast<Index>(bytes));
    return workspace_.data();
  }
  void copy(void* to, const void* from, std::size_t bytes) {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_.get()), "cudaMemcpyAsync on the device");
  }
  void upload(void* to, const void* from, std::size_t bytes) {
    if (bytes == 0) return;
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_.get()), "cudaMemcpyAsync to the device");
  }
  void download(void* to, const void* from, std::size_t bytes) {
    if (bytes > 0)
      check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_.get()), "cudaMemcpyAsync to the host");
    stream_.wait();
  }

 private:
  static DeviceFacts select(DeviceFacts facts) {
    check(cudaSetDevice(facts.ordinal), "cudaSetDevice");
    return facts;
  }

  DeviceFacts facts_;
  Stream stream_;
  std::shared_ptr<DevicePool> pool_;
  KernelLibrary kernels_;
  DeviceArray<char> workspace_;
};

}  // namespace sseg::cuda

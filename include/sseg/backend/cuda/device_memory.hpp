#pragma once
#include <memory>

#include "sseg/backend/cuda/device_pool.hpp"
#include "sseg/backend/cuda/staging.hpp"
#include "sseg/backend/cuda/stream.hpp"
#include "sseg/core/memory.hpp"

namespace sseg::cuda {

/// Memory of the current device, and the stream that all work on it goes through.
class DeviceMemory final : public Memory {
 public:
  const Stream& stream() const { return stream_; }
  const std::shared_ptr<DevicePool>& pool() const { return pool_; }

  void* take(std::size_t bytes) override { return pool_->take(bytes); }
  void give_back(void* block, std::size_t bytes) noexcept override { pool_->give_back(block, bytes); }
  void clear(void* block, std::size_t bytes) override {
    check(cudaMemsetAsync(block, 0, bytes, stream_.get()), "cudaMemsetAsync");
  }
  void copy(void* to, const void* from, std::size_t bytes) override {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_.get()), "cudaMemcpyAsync on the device");
  }
  void upload(void* to, const void* from, std::size_t bytes) override { staging_.upload(stream_, to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes) override {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_.get()), "cudaMemcpyAsync to the host");
    stream_.wait();
  }

 private:
  Stream stream_;
  std::shared_ptr<DevicePool> pool_ = std::make_shared<DevicePool>();
  Staging staging_;
};

}  // namespace sseg::cuda

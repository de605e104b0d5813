#pragma once
#include <memory>

#include "sseg/backend/cuda/device_pool.hpp"
#include "sseg/backend/cuda/staging.hpp"
#include "sseg/backend/cuda/stream.hpp"
#include "sseg/core/memory.hpp"

namespace sseg::cuda {

/// Memory of a device, and the stream that all work on it goes through. Makes the device the thread's current one.
class DeviceMemory final : public Memory {
 public:
  /// `most`: bytes of it that may be held; 0: all. Requires: `device` is current.
  explicit DeviceMemory(int device, std::size_t most = 0)
      : device_(device), pool_(std::make_shared<DevicePool>(most)) {}
  const Stream& stream() const { return stream_; }
  const std::shared_ptr<DevicePool>& pool() const { return pool_; }

  void* take(std::size_t bytes) override {
    make_current();
    return pool_->take(bytes);
  }
  void give_back(void* block, std::size_t bytes) noexcept override { pool_->give_back(block, bytes); }
  void trim() noexcept override { pool_->trim(); }
  void clear(void* block, std::size_t bytes) override {
    make_current();
    check(cudaMemsetAsync(block, 0, bytes, stream_.get()), "cudaMemsetAsync");
  }
  void copy(void* to, const void* from, std::size_t bytes) override {
    make_current();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_.get()), "cudaMemcpyAsync on the device");
  }
  void upload(void* to, const void* from, std::size_t bytes) override {
    make_current();
    staging_.upload(stream_, to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    make_current();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_.get()), "cudaMemcpyAsync to the host");
    stream_.wait();
  }

 private:
  void make_current() const { check(cudaSetDevice(device_), "cudaSetDevice"); }

  int device_;
  Stream stream_;
  std::shared_ptr<DevicePool> pool_;
  Staging staging_;
};

}  // namespace sseg::cuda

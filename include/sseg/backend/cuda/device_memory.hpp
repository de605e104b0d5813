#pragma once
#include <cstdio>
#include <memory>

#include "sseg/backend/cuda/device_pool.hpp"
#include "sseg/backend/cuda/staging.hpp"
#include "sseg/backend/cuda/stream.hpp"
#include "sseg/backend/cuda/work_queue.hpp"
#include "sseg/core/memory.hpp"

namespace sseg::cuda {

/// Memory of a device, and the stream that all work on it goes through. Makes the device the thread's current one.
class DeviceMemory final : public Memory {
 public:
  /// `most`: bytes of it that may be held; 0: all. Requires: `device` is current.
  explicit DeviceMemory(int device, std::size_t most = 0, GraphUse graphs = GraphUse::off, std::FILE* say = nullptr)
      : device_(device), pool_(std::make_shared<DevicePool>(most)), work_(stream_, pool_, graphs, say) {
    pool_->before_freeing([this] { work_.flush(); });
  }
  ~DeviceMemory() override { pool_->before_freeing({}); }  // it may live longer
  /// Where all work of the stream goes.
  WorkQueue& work() { return work_; }
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
    work_.give(
        [](const Stream& s, Tape::Words w) {
          auto* const at = w.next<void*>();
          check(cudaMemsetAsync(at, 0, w.next<std::size_t>(), s.get()), "cudaMemsetAsync");
        },
        block, bytes);
  }
  void copy(void* to, const void* from, std::size_t bytes) override {
    make_current();
    work_.give(
        [](const Stream& s, Tape::Words w) {
          auto* const there = w.next<void*>();
          const auto* const here = w.next<const void*>();
          check(cudaMemcpyAsync(there, here, w.next<std::size_t>(), cudaMemcpyDeviceToDevice, s.get()),
                "cudaMemcpyAsync on the device");
        },
        to, from, bytes);
  }
  void upload(void* to, const void* from, std::size_t bytes) override {
    make_current();
    work_.flush();
    staging_.upload(stream_, to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    make_current();
    work_.flush();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_.get()), "cudaMemcpyAsync to the host");
    stream_.wait();
  }

 private:
  void make_current() const { check(cudaSetDevice(device_), "cudaSetDevice"); }

  int device_;
  Stream stream_;
  std::shared_ptr<DevicePool> pool_;
  Staging staging_;
  WorkQueue work_;  // last: it uses what stands above
};

}  // namespace sseg::cuda

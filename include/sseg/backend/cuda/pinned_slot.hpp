#pragma once
#include <cstddef>
#include <utility>

#include "sseg/backend/cuda/event.hpp"

namespace sseg::cuda {

/// Page-locked memory for copies between host and device that nobody waits for at once. Grows to the largest that it
/// has held.
class PinnedSlot {
 public:
  PinnedSlot() = default;
  PinnedSlot(const PinnedSlot&) = delete;
  PinnedSlot& operator=(const PinnedSlot&) = delete;
  ~PinnedSlot() {
    try {
      wait();
    } catch (...) {  // NOLINT(bugprone-empty-catch): a device that has failed copies nothing any more
    }
    release();
  }

  /// Room for so many bytes, when the copies that were given are done. Throws: Error.
  void* make_room(std::size_t bytes) {
    wait();
    if (bytes > size_) {
      release();
      check(cudaMallocHost(&memory_, bytes), "cudaMallocHost");
      size_ = bytes;
    }
    return memory_;
  }
  void* data() const { return memory_; }

  /// Queues a copy of the first `bytes` to or from the device. Requires: room for them. Throws: Error.
  void upload(const Stream& stream, void* to, std::size_t bytes) {
    check(cudaMemcpyAsync(to, memory_, bytes, cudaMemcpyHostToDevice, stream.get()), "cudaMemcpyAsync to the device");
    given(stream);
  }
  void download(const Stream& stream, const void* from, std::size_t bytes) {
    check(cudaMemcpyAsync(memory_, from, bytes, cudaMemcpyDeviceToHost, stream.get()), "cudaMemcpyAsync to the host");
    given(stream);
  }
  /// Are the copies done? Waits for nothing. Throws: Error when the device has failed.
  bool arrived() {
    if (in_use_) in_use_ = !done_.reached();
    return !in_use_;
  }
  void wait() {
    if (std::exchange(in_use_, false)) done_.wait();
  }

 private:
  void given(const Stream& stream) {
    done_.record(stream);
    in_use_ = true;
  }
  void release() noexcept {
    if (memory_ != nullptr) (void)cudaFreeHost(memory_);
    memory_ = nullptr;
    size_ = 0;
  }

  Event done_;
  void* memory_ = nullptr;
  std::size_t size_ = 0;
  bool in_use_ = false;
};

}  // namespace sseg::cuda

#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sseg/backend/cuda/runtime.hpp"

namespace sseg::cuda {

/// A caching allocator of device memory for the work of one stream. A block that is given back may be taken again at
/// once: what is still queued on it comes before whatever its next owner queues. So a step that has run once allocates
/// no more. Sizes are rounded up, by an eighth at most above 4 KiB. What a net has outgrown stays until `trim`, or
/// until the device or the pool's own limit is full. Not for use from two threads at once.
class DevicePool {
 public:
  /// `most`: bytes that it may hold; 0: as many as the device has.
  explicit DevicePool(std::size_t most = 0) : most_(most) {}
  DevicePool(const DevicePool&) = delete;
  DevicePool& operator=(const DevicePool&) = delete;
  ~DevicePool() { trim(); }

  /// Aligned to 256 bytes, contents unspecified; null for no bytes. Throws: Error when there is no more memory.
  void* take(std::size_t bytes) {
    if (bytes == 0) return nullptr;
    const std::size_t size = rounded(bytes);
    void* block = reuse(size);
    if (block == nullptr) block = allocate(size);
    in_use_ += size;
    return block;
  }
  /// Takes back what `take(bytes)` gave.
  void give_back(void* block, std::size_t bytes) noexcept {
    if (block == nullptr) return;
    const std::size_t size = rounded(bytes);
    in_use_ -= size;
    try {
      free_[size].push_back(block);
    } catch (...) {  // no memory for the list: hand it to the device
      release(block, size);
    }
  }
  /// Hands everything that nobody uses back to the device; waits for the work that is queued on it. Keeps it all where
  /// what comes before that fails.
  void trim() noexcept {
    try {
      free_unused();
    } catch (...) {
      return;
    }
  }

  /// What is called before blocks go back to the device: work that is not queued yet may want them.
  void before_freeing(std::function<void()> what) { before_freeing_ = std::move(what); }

  std::size_t bytes_in_use() const { return in_use_; }
  std::size_t bytes_held() const { return held_; }
  /// Blocks asked of the device so far: constant while steps repeat.
  std::size_t allocations() const { return allocations_; }

  /// What `bytes` take: a multiple of 512 up to 4 KiB, then of an eighth of the power of two below.
  static std::size_t rounded(std::size_t bytes) {
    const std::size_t grain = std::max<std::size_t>(512, std::bit_floor(bytes) / 8);
    return (bytes + grain - 1) / grain * grain;
  }

 private:
  void* reuse(std::size_t size) {
    const auto found = free_.find(size);
    if (found == free_.end() || found->second.empty()) return nullptr;
    void* const block = found->second.back();
    found->second.pop_back();
    return block;
  }
  void* allocate(std::size_t size) {
    void* block = nullptr;
    make_room(size);
    cudaError_t status = cudaMalloc(&block, size);
    if (status == cudaErrorMemoryAllocation && held_ > in_use_) {  // blocks of other sizes may be in the way
      (void)cudaGetLastError();
      free_unused();
      status = cudaMalloc(&block, size);
    }
    if (status != cudaSuccess)
      check(status, "cudaMalloc of " + std::to_string(size) + " bytes, with " + std::to_string(in_use_) + " in use");
    held_ += size;
    ++allocations_;
    return block;
  }
  void make_room(std::size_t size) {
    if (most_ == 0 || held_ + size <= most_) return;
    free_unused();
    if (held_ + size > most_)
      throw Error("the backend may hold " + std::to_string(most_) + " bytes of the device, " + std::to_string(held_) +
                      " are in use",
                  "memory of the device, " + std::to_string(size) + " bytes",
                  "raise CudaOptions::most_memory, or put fewer images into a batch");
  }
  void free_unused() {
    if (before_freeing_) before_freeing_();
    for (auto& [size, blocks] : free_)
      for (void* block : blocks) release(block, size);
    free_.clear();
  }
  void release(void* block, std::size_t size) noexcept {
    (void)cudaFree(block);
    held_ -= size;
  }

  std::size_t most_;
  std::map<std::size_t, std::vector<void*>> free_;
  std::function<void()> before_freeing_;
  std::size_t in_use_ = 0, held_ = 0, allocations_ = 0;
};

}  // namespace sseg::cuda

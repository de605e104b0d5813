#pragma once
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include "sseg/backend/cuda/event.hpp"

namespace sseg::cuda {

/// Uploads that neither wait nor keep a hold of what they are given: the bytes are copied into page-locked memory, from
/// where the device takes them when the stream has come so far. A few slots take turns; each grows to the largest
/// upload it has had. Without such memory CUDA may or may not have read the source when its call returns.
class Staging {
 public:
  /// Larger ones go to the device directly, and wait: page-locked memory is taken from the whole machine.
  static constexpr std::size_t most_bytes = std::size_t{64} << 20;

  /// Queues the copy; `from` may change or go right after. Throws: Error.
  void upload(const Stream& stream, void* to, const void* from, std::size_t bytes) {
    if (bytes > most_bytes) return upload_directly(stream, to, from, bytes);
    Slot& slot = slots_[next_];
    next_ = (next_ + 1) % slots_.size();
    slot.make_room(bytes);
    std::memcpy(slot.memory, from, bytes);
    copy(stream, to, slot.memory, bytes);
    slot.taken.record(stream);
    slot.in_use = true;
  }

 private:
  struct Slot {
    Event taken;  ///< the device has read the memory
    void* memory = nullptr;
    std::size_t size = 0;
    bool in_use = false;

    Slot() = default;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() {
      try {
        finish();
      } catch (...) {  // NOLINT(bugprone-empty-catch): a device that has failed reads nothing any more
      }
      release();
    }
    void make_room(std::size_t bytes) {
      finish();
      if (bytes <= size) return;
      release();
      check(cudaMallocHost(&memory, bytes), "cudaMallocHost");
      size = bytes;
    }
    void finish() {
      if (std::exchange(in_use, false)) taken.wait();
    }
    void release() noexcept {
      if (memory != nullptr) (void)cudaFreeHost(memory);
      memory = nullptr;
      size = 0;
    }
  };

  static void copy(const Stream& stream, void* to, const void* from, std::size_t bytes) {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream.get()), "cudaMemcpyAsync to the device");
  }
  static void upload_directly(const Stream& stream, void* to, const void* from, std::size_t bytes) {
    copy(stream, to, from, bytes);
    stream.wait();
  }

  std::array<Slot, 4> slots_;
  std::size_t next_ = 0;
};

}  // namespace sseg::cuda

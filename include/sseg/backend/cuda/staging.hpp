#pragma once
#include <array>
#include <cstddef>
#include <cstring>

#include "sseg/backend/cuda/pinned_slot.hpp"

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
    PinnedSlot& slot = slots_[next_];
    next_ = (next_ + 1) % slots_.size();
    std::memcpy(slot.make_room(bytes), from, bytes);
    slot.upload(stream, to, bytes);
  }

 private:
  static void upload_directly(const Stream& stream, void* to, const void* from, std::size_t bytes) {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream.get()), "cudaMemcpyAsync to the device");
    stream.wait();
  }

  std::array<PinnedSlot, 4> slots_;
  std::size_t next_ = 0;
};

}  // namespace sseg::cuda

#pragma once
#include <cstddef>

namespace sseg {

/// Memory that the host may not look into, as that of a device: it is reached by these calls only. What they queue is
/// done in order, and in the order of the backend's operations; those that end on the host wait.
/// Buffers keep it alive by a shared pointer. Not for use from two threads at once.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  virtual ~Memory() = default;

  /// Aligned to 64 bytes at least, contents unspecified. Throws: Error when there is no more.
  virtual void* take(std::size_t bytes) = 0;
  /// Takes back what `take(bytes)` gave.
  virtual void give_back(void* block, std::size_t bytes) noexcept = 0;
  /// Keeps nothing for later that nobody uses now. To be called when sizes have changed for good.
  virtual void trim() noexcept {}
  /// All bytes 0.
  virtual void clear(void* block, std::size_t bytes) = 0;
  /// Within this memory; the ranges do not overlap.
  virtual void copy(void* to, const void* from, std::size_t bytes) = 0;
  /// From the host, which may change `from` afterwards.
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  /// To the host; waits for all that was queued.
  virtual void download(void* to, const void* from, std::size_t bytes) = 0;
};

}  // namespace sseg

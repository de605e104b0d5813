#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace cuda_double {

/// Device and pinned memory. Device memory lies between guard pages, is NaN when fresh, and can be touched only while
/// an `Open` lives: outside the double's own calls a host access faults, as it would with a card.
class Memory {
 public:
  enum class Kind { device, pinned };
  struct Block {
    std::byte* data = nullptr;
    std::size_t bytes = 0;  ///< what was asked for; the rest of the last page must stay untouched
    std::size_t pages = 0;  ///< bytes of the accessible pages
    int device = 0;
    Kind kind = Kind::device;
    std::string made_by;
  };

  /// While one lives, device memory can be touched.
  class Open {
   public:
    explicit Open(Memory& memory);
    ~Open();
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;

   private:
    Memory& memory_;
  };

  void* allocate(std::size_t bytes, int device, Kind kind, std::string made_by);
  /// Throws: Misuse when `data` was not allocated as this kind, or bytes behind its end were written.
  void release(void* data, Kind kind);

  /// The block that holds all of [p, p + bytes), else null.
  const Block* find(const void* p, std::size_t bytes) const;
  const Block* device_block(const void* p, std::size_t bytes) const;
  bool pinned(const void* p, std::size_t bytes) const;

  std::size_t in_use(int device) const;
  const std::map<const std::byte*, Block>& blocks() const { return blocks_; }

 private:
  void protect(const Block& block, bool readable) const;
  void check_end(const Block& block);

  std::map<const std::byte*, Block> blocks_;
  int open_ = 0;
};

}  // namespace cuda_double

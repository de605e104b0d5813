#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace cuda_double {

/// Device and pinned memory. Device memory lies between guard pages, its end less than 256 bytes before one, is NaN
/// when fresh, and can be touched only while an `Open` lives: outside the double's own calls a host access faults, as
/// it would with a card.
class Memory {
 public:
  enum class Kind { device, pinned };
  struct Block {
    std::byte* data = nullptr;
    std::size_t bytes = 0;       ///< what was asked for; what lies between that and the guard page must stay untouched
    std::byte* first = nullptr;  ///< of the accessible pages
    std::size_t pages = 0;       ///< their bytes
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

  /// Throws: Misuse when bytes behind the end of a block were written. Requires: an `Open` lives.
  void check_end(const Block& block) const;
  /// Where an address lies, in words: in which block, or how far behind the end of the nearest before it.
  std::string place_of(const void* p) const;

  std::size_t in_use(int device) const;
  const std::map<const std::byte*, Block>& blocks() const { return blocks_; }

 private:
  void protect(const Block& block, bool readable) const;
  std::map<const std::byte*, Block> blocks_;
  int open_ = 0;
};

}  // namespace cuda_double

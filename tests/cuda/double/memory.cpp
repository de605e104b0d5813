#include "cuda/double/memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>

#include "cuda/double/calls.hpp"

namespace cuda_double {
namespace {

constexpr std::size_t page = 4096, aligned = 256, large = std::size_t{4} << 20;
constexpr int poison = 0xff;  // NaN in double, float, bfloat16 and half

std::size_t rounded(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }

}  // namespace

Memory::Open::Open(Memory& memory) : memory_(memory) {
  if (memory_.open_++ == 0)
    for (const auto& [at, block] : memory_.blocks_) memory_.protect(block, true);
}

Memory::Open::~Open() {
  if (--memory_.open_ == 0)
    for (const auto& [at, block] : memory_.blocks_) memory_.protect(block, false);
}

void Memory::protect(const Block& block, bool readable) const {
  if (block.kind == Kind::device) mprotect(block.first, block.pages, readable ? PROT_READ | PROT_WRITE : PROT_NONE);
}

void* Memory::allocate(std::size_t bytes, int device, Kind kind, std::string made_by) {
  if (bytes == 0) return nullptr;
  const std::size_t pages = rounded(bytes, page);
  void* const mapped = mmap(nullptr, pages + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  std::byte* const first = static_cast<std::byte*>(mapped) + page;
  Block block{first + (pages - rounded(bytes, aligned)), bytes, first, pages, device, kind, std::move(made_by)};
  mprotect(first, pages, PROT_READ | PROT_WRITE);
  if (pages >= large) madvise(first, pages, MADV_HUGEPAGE);  // poisoned with fewer faults
  std::memset(first, poison, pages);
  if (open_ == 0) protect(block, false);
  blocks_[block.data] = block;
  return block.data;
}

void Memory::check_end(const Block& block) const {
  const auto* const end = block.first + block.pages;
  const auto* const written = std::find_if(static_cast<const std::byte*>(block.data + block.bytes), end,
                                           [](std::byte b) { return b != std::byte{poison}; });
  demand(written == end, "written " + std::to_string(written - block.data - static_cast<std::ptrdiff_t>(block.bytes)) +
                             " bytes behind the end of " + std::to_string(block.bytes) + " bytes from " +
                             block.made_by);
}

void Memory::release(void* data, Kind kind) {
  const auto found = blocks_.find(static_cast<const std::byte*>(data));
  demand(found != blocks_.end() && found->second.kind == kind,
         "free of a pointer that was not allocated, or was freed before");
  const Block block = found->second;
  const auto unmap = [&] {
    blocks_.erase(block.data);
    munmap(block.first - page, block.pages + 2 * page);
  };
  try {
    const Open open(*this);
    check_end(block);
  } catch (const Misuse&) {
    unmap();
    throw;
  }
  unmap();
}

const Memory::Block* Memory::find(const void* p, std::size_t bytes) const {
  const auto* const at = static_cast<const std::byte*>(p);
  auto found = blocks_.upper_bound(at);
  if (found == blocks_.begin()) return nullptr;
  const Block& block = (--found)->second;
  return at + bytes <= block.data + block.bytes && at < block.data + block.bytes ? &block : nullptr;
}

const Memory::Block* Memory::device_block(const void* p, std::size_t bytes) const {
  const Block* const block = find(p, bytes);
  return block && block->kind == Kind::device ? block : nullptr;
}

bool Memory::pinned(const void* p, std::size_t bytes) const {
  const Block* const block = find(p, bytes);
  return block && block->kind == Kind::pinned;
}

std::string Memory::place_of(const void* p) const {
  const auto* const at = static_cast<const std::byte*>(p);
  const auto after = blocks_.upper_bound(at);
  if (after == blocks_.begin()) return "no memory of the device";
  const Block& block = std::prev(after)->second;
  const std::string name = std::to_string(block.bytes) + " bytes from " + block.made_by;
  if (at < block.data + block.bytes) return name;
  return std::to_string(at - block.data - static_cast<std::ptrdiff_t>(block.bytes)) + " bytes behind the end of " +
         name;
}

std::size_t Memory::in_use(int device) const {
  std::size_t sum = 0;
  for (const auto& [at, block] : blocks_)
    if (block.kind == Kind::device && block.device == device) sum += block.bytes;
  return sum;
}

}  // namespace cuda_double

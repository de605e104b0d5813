#pragma once
#include <sys/mman.h>

#include <cstring>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "sseg/backend/ops.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"

/// Memory that the host cannot touch but while a backend runs an operation in it: a read or write at any other time
/// ends the program. Fresh memory is not-a-number.
class AwayMemory final : public sseg::Memory {
 public:
  ~AwayMemory() override {
    for (const auto& [block, bytes] : blocks_) ::munmap(block, bytes);
  }

  /// While it lives, the memory may be used. Calls nest.
  class Open {
   public:
    explicit Open(AwayMemory& m) : m_(m) {
      if (m_.open_++ == 0) m_.protect(PROT_READ | PROT_WRITE);
    }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open() {
      if (--m_.open_ == 0) m_.protect(PROT_NONE);
    }

   private:
    AwayMemory& m_;
  };

  void* take(std::size_t bytes) override {
    const std::size_t whole = pages(bytes);
    void* const block = ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) throw sseg::Error("no more memory", "AwayMemory", "ask for less");
    std::memset(block, 0xff, whole);
    blocks_[block] = whole;
    if (open_ == 0) ::mprotect(block, whole, PROT_NONE);
    return block;
  }
  void give_back(void* block, std::size_t bytes) noexcept override {
    ::munmap(block, pages(bytes));
    blocks_.erase(block);
  }
  void clear(void* block, std::size_t bytes) override {
    const Open open(*this);
    std::memset(block, 0, bytes);
  }
  void copy(void* to, const void* from, std::size_t bytes) override {
    const Open open(*this);
    std::memcpy(to, from, bytes);
  }
  void upload(void* to, const void* from, std::size_t bytes) override {
    const Open open(*this);
    std::memcpy(to, from, bytes);
    uploads += bytes;
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    const Open open(*this);
    std::memcpy(to, from, bytes);
    downloads += bytes;
  }

  std::size_t blocks() const { return blocks_.size(); }
  std::size_t uploads = 0, downloads = 0;  ///< bytes so far

 private:
  static std::size_t pages(std::size_t bytes) { return (bytes + 4095) / 4096 * 4096; }
  void protect(int how) {
    for (const auto& [block, bytes] : blocks_) ::mprotect(block, bytes, how);
  }

  std::map<void*, std::size_t> blocks_;
  int open_ = 0;
};

/// A backend of the host whose arrays lie where the host cannot touch them: what runs on it runs on a device, and gives
/// the same bits as the backend inside.
template <class Inner>
class Away {
 public:
  static constexpr std::string_view name = "away";
  using Scalar = typename Inner::Scalar;
  using Space = sseg::DeviceSpace;

  template <class... A>
  explicit Away(A&&... arguments) : inner_(std::forward<A>(arguments)...) {}

  sseg::Threads& threads() { return inner_.threads(); }
  std::shared_ptr<sseg::Memory> memory() const { return memory_; }
  AwayMemory& away() { return *memory_; }

  template <class Op>
  requires sseg::Serves<Inner, Op>
  bool can(const Op& op) { return inner_.can(op); }
  template <class Op>
  requires sseg::Serves<Inner, Op>
  void run(const Op& op) {
    const AwayMemory::Open open(*memory_);
    inner_.run(op);
  }

 private:
  Inner inner_;
  std::shared_ptr<AwayMemory> memory_ = std::make_shared<AwayMemory>();
};

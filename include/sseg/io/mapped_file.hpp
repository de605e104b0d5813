#pragma once
#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <utility>

#include "sseg/core/error.hpp"
#include "sseg/io/posix_file.hpp"

namespace sseg {

/// A regular file mapped into memory for reading: pages come from the disk when they are touched, and go when memory is
/// short. As with every map, a file that another program cuts short while mapped ends this one by SIGBUS.
class MappedFile {
 public:
  MappedFile() = default;
  /// Throws `Error`: missing, not a regular file, not readable.
  explicit MappedFile(const std::filesystem::path& path) {
    const detail::PosixFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) throw detail::system_error("cannot open the file for reading", path, errno);
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) throw detail::system_error("cannot examine the file", path, errno);
    if (!S_ISREG(info.st_mode))
      throw Error("not a regular file", path.string(), "Name a file, not a folder or a device.");
    if (info.st_size == 0) return;
    void* start = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_SHARED, file.get(), 0);
    if (start == MAP_FAILED) throw detail::system_error("cannot map the file into memory", path, errno);
    bytes_ = {static_cast<const char*>(start), static_cast<std::size_t>(info.st_size)};
  }
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }

  /// The whole file; valid as long as this, or what it was moved to, lives.
  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace sseg

#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "sseg/core/error.hpp"

namespace sseg::detail {

/// The Error for a failed system call: what the caller was doing, the system's reason, and the cure for that reason.
inline Error system_error(const std::string& doing, const std::filesystem::path& path, int code) {
  const std::string what = doing + ": " + std::generic_category().message(code);
  std::string cure = "Check the path and the state of the disk.";
  if (code == ENOSPC || code == EDQUOT) cure = "The disk or quota is full: free space there or choose another folder.";
  if (code == EFBIG) cure = "The file is too large for this file system or for the limit on files (ulimit -f).";
  if (code == EACCES || code == EPERM || code == EROFS)
    cure = "No permission: change the rights or choose another path.";
  if (code == ENOENT) cure = "Check the spelling; folders are not created here, make the missing one first.";
  if (code == EISDIR || code == ENOTDIR) cure = "Name a file, inside an existing folder.";
  if (code == EMFILE || code == ENFILE) cure = "Too many files are open: close some or raise the limit (ulimit -n).";
  return {what, path.string(), cure};
}

/// Owns a file descriptor; -1 when empty.
class PosixFile {
 public:
  PosixFile() = default;
  explicit PosixFile(int descriptor) : descriptor_(descriptor) {}
  PosixFile(PosixFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  PosixFile& operator=(PosixFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~PosixFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  /// Closes and returns 0, or the error code of close.
  int close() { return ::close(std::exchange(descriptor_, -1)) == 0 ? 0 : errno; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

}  // namespace sseg::detail

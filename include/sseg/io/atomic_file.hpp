#pragma once
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/io/posix_file.hpp"

namespace sseg {

namespace detail {

/// A file beside the target that is removed unless it was renamed into place.
class TemporaryFile {
 public:
  TemporaryFile(const std::filesystem::path& folder, const std::filesystem::path& target) : target_(target) {
    static std::atomic<unsigned> counter{0};
    for (int attempt = 0; attempt < 100; ++attempt) {
      path_ = folder / (".sseg-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp");
      file_ = PosixFile(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      if (file_ || errno != EEXIST) break;
    }
    if (!file_) throw system_error("cannot create a file in the folder", folder, errno);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!kept_) ::unlink(path_.c_str());
  }

  void append(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::write(file_.get(), bytes.data(), std::min(bytes.size(), std::size_t{1} << 30));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw system_error("cannot write the file", target_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  /// Replaces the first bytes; appending goes on at the end.
  void write_start(std::string_view bytes) {
    for (off_t at = 0; !bytes.empty();) {
      const auto n = ::pwrite(file_.get(), bytes.data(), std::min(bytes.size(), std::size_t{1} << 30), at);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw system_error("cannot write the file", target_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(n));
      at += n;
    }
  }
  /// Brings what was written to the disk and closes.
  void seal() {
    if (::fsync(file_.get()) != 0) throw system_error("cannot bring the file to the disk", target_, errno);
    if (const int code = file_.close()) throw system_error("cannot close the file", target_, code);
  }
  void rename_to_target() {
    if (::rename(path_.c_str(), target_.c_str()) != 0) throw system_error("cannot replace the file", target_, errno);
    kept_ = true;
  }

 private:
  std::filesystem::path path_, target_;
  PosixFile file_;
  bool kept_ = false;
};

/// The folder that holds the file `path`. Throws `Error` when the path names no file.
inline std::filesystem::path folder_of_file(const std::filesystem::path& path) {
  if (!path.has_filename()) throw Error("the path has no file name", path.string(), "Name a file, not a folder.");
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// Puts a sealed file in its place and brings the folder to the disk.
inline void put_in_place(TemporaryFile& file, const std::filesystem::path& folder) {
  file.rename_to_target();
  const PosixFile directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot sync a folder (EINVAL) and a folder may be write-only (EACCES): the rename stands.
  if (directory && ::fsync(directory.get()) != 0 && errno != EINVAL)
    throw system_error("the file is in place, but its folder could not be brought to the disk", folder, errno);
}

}  // namespace detail

/// Replaces the file at `path` by `bytes`, all or nothing: written to a temporary in the same folder, brought to the
/// disk, renamed, and the folder brought to the disk. A reader, or a crash, sees the old file or the new one. On
/// failure the old file is untouched and the temporary is removed. A symbolic link is replaced, not followed.
/// Throws `Error`: no such folder, no permission, disk full.
inline void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  const auto folder = detail::folder_of_file(path);
  detail::TemporaryFile temporary(folder, path);
  temporary.append(bytes);
  temporary.seal();
  detail::put_in_place(temporary, folder);
}

}  // namespace sseg

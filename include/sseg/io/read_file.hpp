#pragma once
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/posix_file.hpp"

namespace sseg {

/// The bytes of a regular file. Throws `Error` when it cannot be read or holds more than `max_bytes`; never allocates
/// more than `max_bytes`, also when the file grows meanwhile.
inline std::string read_file(const std::filesystem::path& path, Index max_bytes = Index{1} << 34) {
  const detail::PosixFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) throw detail::system_error("cannot open the file for reading", path, errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw detail::system_error("cannot examine the file", path, errno);
  if (!S_ISREG(info.st_mode))
    throw Error("not a regular file", path.string(), "Name a file, not a folder or a device.");

  const auto too_large = [&] {
    return Error("the file is larger than the limit of " + std::to_string(max_bytes) + " bytes", path.string(),
                 "Check that it is the right file, or raise max_bytes.");
  };
  if (info.st_size > max_bytes) throw too_large();
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t done = 0;
  for (;;) {
    if (done == bytes.size()) {  // at the expected end: a file that has grown shows more
      char extra = 0;
      const auto more = ::read(file.get(), &extra, 1);
      if (more < 0 && errno == EINTR) continue;
      if (more < 0) throw detail::system_error("cannot read the file", path, errno);
      if (more == 0) return bytes;
      if (static_cast<Index>(bytes.size()) >= max_bytes) throw too_large();
      bytes.push_back(extra);
      ++done;
      continue;
    }
    const auto got = ::read(file.get(), bytes.data() + done, std::min(bytes.size() - done, std::size_t{1} << 30));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw detail::system_error("cannot read the file", path, errno);
    if (got == 0) {  // it has shrunk
      bytes.resize(done);
      return bytes;
    }
    done += static_cast<std::size_t>(got);
  }
}

}  // namespace sseg

#pragma once
// The only door to libzip.
#include <zip.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// A zip archive open for reading. Not for use from two threads at once.
class ZipArchive {
 public:
  /// Throws `Error`: missing, unreadable, not a zip, inconsistent.
  explicit ZipArchive(std::filesystem::path path) : path_(std::move(path)) {
    int code = 0;
    archive_.reset(zip_open(path_.c_str(), ZIP_RDONLY, &code));
    if (archive_) return;
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    throw Error("cannot open the zip archive: " + reason, path_.string(),
                "Check the path, or fetch the archive again.");
  }

  const std::filesystem::path& path() const { return path_; }
  Index size() const { return static_cast<Index>(zip_get_num_entries(archive_.get(), 0)); }

  /// The name of entry `i` as stored; folders end in '/'.
  std::string name(Index i) const {
    const char* name = zip_get_name(archive_.get(), to_unsigned(i), ZIP_FL_ENC_GUESS);
    if (name == nullptr) throw failure("cannot read the name of entry " + std::to_string(i), "");
    return name;
  }

  /// The bytes of entry `i`, with its checksum checked. Throws `Error`: damaged, encrypted, or over `max_bytes`,
  /// whatever size its header claims.
  std::string read(Index i, Index max_bytes) const {
    const std::string entry = name(i);
    const auto too_large = [&] {
      return Error("the zip entry is larger than the limit of " + std::to_string(max_bytes) + " bytes", place(entry),
                   "Check that it is the right archive.");
    };
    zip_stat_t info;
    zip_stat_init(&info);
    if (zip_stat_index(archive_.get(), to_unsigned(i), 0, &info) != 0) throw failure("cannot examine", entry);
    if ((info.valid & ZIP_STAT_SIZE) != 0 && info.size > to_unsigned(max_bytes)) throw too_large();

    const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive_.get(), to_unsigned(i), 0));
    if (!file) throw failure("cannot open", entry);
    std::string bytes;
    std::size_t room = 1 << 12;
    for (;;) {
      const std::size_t done = bytes.size();
      bytes.resize(std::min(done + room, to_size(max_bytes) + 1));
      const auto got = zip_fread(file.get(), bytes.data() + done, bytes.size() - done);
      if (got < 0)
        throw Error(std::string("cannot unpack: ") + zip_file_strerror(file.get()), place(entry),
                    "The archive is damaged: fetch it again.");
      bytes.resize(done + static_cast<std::size_t>(got));
      if (static_cast<Index>(bytes.size()) > max_bytes) throw too_large();
      if (got == 0) break;
      room = std::min<std::size_t>(room * 2, 1 << 24);
    }
    if ((info.valid & ZIP_STAT_SIZE) != 0 && info.size != bytes.size())
      throw Error("the zip entry is not as long as its header says", place(entry), "Fetch the archive again.");
    return bytes;
  }

 private:
  struct Discard {
    void operator()(zip_t* archive) const { zip_discard(archive); }
  };
  struct CloseFile {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
  };

  static zip_uint64_t to_unsigned(Index i) { return static_cast<zip_uint64_t>(i); }
  std::string place(const std::string& entry) const { return path_.string() + ":" + entry; }
  Error failure(const std::string& doing, const std::string& entry) const {
    return {doing + ": " + zip_strerror(archive_.get()), place(entry), "The archive is damaged: fetch it again."};
  }

  std::filesystem::path path_;
  std::unique_ptr<zip_t, Discard> archive_;
};

}  // namespace sseg

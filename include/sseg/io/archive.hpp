#pragma once
// The only door to libarchive.
#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <clocale>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/archive_path.hpp"
#include "sseg/io/gzip.hpp"
#include "sseg/io/mapped_file.hpp"

namespace sseg {

/// What an archive may hold at most, all entries together, whatever it claims.
struct ArchiveLimits {
  Index entries = 2'000'000;
  Index total_bytes = Index{1} << 38;
};

namespace detail {

/// The calling thread's characters are UTF-8 while this lives: libarchive turns names in headers into those of the
/// locale, and would put '?' for what the "C" locale lacks.
class Utf8Names {
 public:
  Utf8Names() : utf8_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (utf8_ != nullptr) before_ = uselocale(utf8_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;
  ~Utf8Names() {
    if (utf8_ == nullptr) return;
    uselocale(before_);
    freelocale(utf8_);
  }

 private:
  locale_t utf8_ = nullptr, before_ = nullptr;
};

/// A gzip file on its way into libarchive, which would not look at the sums in it.
class UnpackedGzip {
 public:
  UnpackedGzip(std::string_view packed, const std::string& where) : stream_(packed, where), block_(1 << 16, '\0') {}
  UnpackedGzip(MappedFile file, const std::string& where)
      : file_(std::move(file)), stream_(file_.bytes(), where), block_(1 << 16, '\0') {}

  /// libarchive's archive_read_callback: the next bytes, in `*block`.
  static la_ssize_t read(archive*, void* self, const void** block) {
    auto& unpacked = *static_cast<UnpackedGzip*>(self);
    *block = unpacked.block_.data();
    try {
      return static_cast<la_ssize_t>(unpacked.stream_.read(unpacked.block_.data(), unpacked.block_.size()));
    } catch (const Error& error) {
      unpacked.failure_ = error.what_happened();
      return -1;
    }
  }
  /// What `read` failed by, or nothing; libarchive words it in its own way.
  const std::string& failure() const { return failure_; }
  /// Unpacks what libarchive had no need of, so that all of it is compared with its sums.
  void finish() {
    while (stream_.read(block_.data(), block_.size()) > 0) {
    }
  }

 private:
  MappedFile file_;
  GzipStream stream_;
  std::string block_, failure_;
};

/// libarchive's reader with the compressions that the library unpacks itself; never an outside program.
class ArchiveHandle {
 public:
  ArchiveHandle(int (*format)(archive*), std::string place) : place_(std::move(place)), archive_(archive_read_new()) {
    if (!archive_) throw Error("no memory for reading an archive", place_, "Free memory.");
    for (const auto filter :
         {archive_read_support_filter_gzip, archive_read_support_filter_bzip2, archive_read_support_filter_xz})
      if (filter(get()) != ARCHIVE_OK)
        throw Error("this libarchive was built without gzip, bzip2 or xz", place_, "Install a complete libarchive.");
    if (format(get()) != ARCHIVE_OK) throw failure("cannot read this kind of archive");
  }

  void open(const std::filesystem::path& path) {
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(path, unknown))
      throw Error(std::filesystem::exists(path, unknown) ? "not a regular file" : "no such file", place_,
                  "Check the path.");
    if (MappedFile file(path); GzipStream::begins(file.bytes()))
      open_gzip(std::make_unique<UnpackedGzip>(std::move(file), place_));
    else
      check_opened(archive_read_open_filename(get(), path.c_str(), block_bytes));
  }
  void open(std::string_view bytes) {
    if (GzipStream::begins(bytes))
      open_gzip(std::make_unique<UnpackedGzip>(bytes, place_));
    else
      check_opened(archive_read_open_memory(get(), bytes.data(), bytes.size()));
  }

  /// The next header, or null at the end.
  archive_entry* next() {
    const Utf8Names names;
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(get(), &entry);
    if (code == ARCHIVE_EOF) return nullptr;
    if (code != ARCHIVE_OK) throw failure("cannot read the next entry");
    return entry;
  }
  /// At the end of a tar. Throws: Error when it is not the end mark of two empty blocks that `next` came to, or when
  /// the sums of a gzip are wrong.
  void check_end() {
    if (archive_filter_bytes(get(), 0) == archive_read_header_position(get()))
      throw Error("the archive has no end mark: it is cut short", place_, "Fetch or make it again.");
    if (gzip_) gzip_->finish();
  }
  /// Up to `room` bytes of the entry; 0 at its end.
  std::size_t read(char* out, std::size_t room, const std::string& entry) {
    const auto got = archive_read_data(get(), out, room);
    if (got < 0) throw failure("cannot unpack", entry);
    return static_cast<std::size_t>(got);
  }
  /// The rest of the entry, in memory that follows what really comes.
  /// Throws `Error` over `max_bytes`.
  std::string read_all(Index max_bytes, const std::string& entry) {
    std::string bytes;
    for (std::size_t room = 1 << 12;; room = std::min<std::size_t>(room * 2, 1 << 24)) {
      const std::size_t done = bytes.size();
      bytes.resize(std::min(done + room, to_size(max_bytes) + 1));
      const std::size_t got = read(bytes.data() + done, bytes.size() - done, entry);
      bytes.resize(done + got);
      if (static_cast<Index>(bytes.size()) > max_bytes) throw over(max_bytes, entry);
      if (got == 0) return bytes;
    }
  }

  archive* get() const { return archive_.get(); }
  std::string place(const std::string& entry = "") const { return entry.empty() ? place_ : place_ + ":" + entry; }
  Error over(Index limit, const std::string& entry) const {
    return {"the unpacked data is larger than the limit of " + std::to_string(limit) + " bytes", place(entry),
            "Check that it is the right archive; if it is, unpack it into a folder."};
  }
  Error failure(const std::string& doing, const std::string& entry = "") const {
    const char* reason = archive_error_string(get());
    if (gzip_ && !gzip_->failure().empty()) reason = gzip_->failure().c_str();
    return {doing + ": " + (reason != nullptr ? reason : "no reason given"), place(entry),
            "The archive is damaged or of another kind: fetch it again."};
  }

 private:
  static constexpr std::size_t block_bytes = 1 << 16;
  struct Free {
    void operator()(archive* a) const { archive_read_free(a); }
  };

  void open_gzip(std::unique_ptr<UnpackedGzip> unpacked) {
    gzip_ = std::move(unpacked);
    check_opened(archive_read_open(get(), gzip_.get(), nullptr, UnpackedGzip::read, nullptr));
  }
  void check_opened(int code) {
    if (code != ARCHIVE_OK) throw failure("cannot open the archive");
    if (archive_filter_count(get()) > (gzip_ ? 1 : 2))  // one, and the file itself
      throw Error("compressed more than once", place_, "Unpack the outer compression first.");
  }

  std::string place_;
  std::unique_ptr<UnpackedGzip> gzip_;  ///< before what reads from it
  std::unique_ptr<archive, Free> archive_;
};

}  // namespace detail

/// A tar archive (.tar, .tar.gz, .tar.bz2, .tar.xz), read once from front to end. What is neither file nor folder
/// (symbolic links, devices) is passed over; hard links and sparse files are refused. Names are taken as UTF-8. Not for
/// use from two threads at once.
class ArchiveReader {
 public:
  /// Throws `Error`: missing, not such an archive, compressed twice.
  explicit ArchiveReader(const std::filesystem::path& path, ArchiveLimits limits = {})
      : limits_(limits), archive_(archive_read_support_format_tar, path.string()) {
    archive_.open(path);
  }
  /// The archive in `bytes`, which must outlive the reader; `where` names it in messages.
  ArchiveReader(std::string_view bytes, const std::string& where, ArchiveLimits limits = {})
      : limits_(limits), archive_(archive_read_support_format_tar, where) {
    archive_.open(bytes);
  }

  /// Goes to the next file or folder; false at the end, where the sums of a .gz have been found right.
  /// Throws `Error`: damaged or truncated, a path that is absolute or has "..", a limit exceeded, be it by claim.
  bool next() {
    while (archive_entry* entry = archive_.next()) {
      if (++entries_ > limits_.entries)
        throw Error("more than " + std::to_string(limits_.entries) + " entries", archive_.place(),
                    "Check that it is the right archive.");
      const char* stored = archive_entry_pathname(entry);
      if (stored == nullptr) stored = archive_entry_pathname_utf8(entry);
      if (stored == nullptr)
        throw Error("entry " + std::to_string(entries_) + " has no readable name", archive_.place(),
                    "Make the archive again with names in UTF-8.");
      path_ = archive_path(stored, archive_.place());
      size_ = archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : 0;
      if (size_ < 0 || size_ > limits_.total_bytes - total_) throw archive_.over(limits_.total_bytes, path_);
      total_ += size_;
      if (archive_entry_hardlink(entry) != nullptr)
        throw Error("the entry is a hard link to another", archive_.place(path_),
                    "Make the archive with tar --hard-dereference, or unpack it into a folder.");
      if (archive_entry_sparse_count(entry) > 0)
        throw Error("the entry is sparse: its file has holes", archive_.place(path_),
                    "Make the archive without --sparse, or unpack it into a folder.");
      const auto type = archive_entry_filetype(entry);
      is_folder_ = type == AE_IFDIR;
      if ((type == AE_IFREG || is_folder_) && !path_.empty()) return true;
    }
    archive_.check_end();
    return false;
  }

  const std::string& path() const { return path_; }
  bool is_folder() const { return is_folder_; }
  /// The bytes of the entry, as its header claims.
  Index size() const { return size_; }

  /// The bytes of the entry; once for each. Throws `Error`: damaged, truncated, or over `max_bytes`.
  std::string read(Index max_bytes) {
    if (size_ > max_bytes) throw archive_.over(max_bytes, path_);
    std::string bytes = archive_.read_all(max_bytes, path_);
    if (static_cast<Index>(bytes.size()) != size_)
      throw Error("the entry is not as long as its header says", archive_.place(path_), "Fetch the archive again.");
    return bytes;
  }

 private:
  ArchiveLimits limits_;
  detail::ArchiveHandle archive_;
  Index entries_ = 0, total_ = 0, size_ = 0;
  std::string path_;
  bool is_folder_ = false;
};

/// The content of one file that may be compressed (.gz, .bz2, .xz) or plain, known by its first bytes. Throws `Error`:
/// missing, damaged, truncated, compressed twice, or over `max_bytes`.
inline std::string read_unpacked_file(const std::filesystem::path& path, Index max_bytes) {
  detail::ArchiveHandle file(archive_read_support_format_raw, path.string());
  archive_read_support_format_empty(file.get());
  file.open(path);
  return file.next() == nullptr ? std::string() : file.read_all(max_bytes, "");
}

/// The first bytes of what `read_unpacked_file` reads: `count`, or fewer where it ends before.
inline std::string read_unpacked_start(const std::filesystem::path& path, Index count) {
  detail::ArchiveHandle file(archive_read_support_format_raw, path.string());
  archive_read_support_format_empty(file.get());
  file.open(path);
  std::string bytes(to_size(count), '\0');
  std::size_t done = 0;
  if (file.next() != nullptr)
    while (done < bytes.size()) {
      const std::size_t got = file.read(bytes.data() + done, bytes.size() - done, "");
      if (got == 0) break;
      done += got;
    }
  bytes.resize(done);
  return bytes;
}

}  // namespace sseg

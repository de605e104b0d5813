#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "sseg/io/archive.hpp"

namespace sseg_test {

enum class Packing { none, gzip, bzip2, xz };

/// One entry of a tar: a file, a folder (path ends in '/'), or with `link` a link to there, with `hard`
/// another name of there.
struct TarEntry {
  std::string path, bytes = {}, link = {}, hard = {};
};

/// The bytes of a tar archive, packed as asked; `raw` makes the one file's bytes alone, packed.
inline std::string make_tar(const std::vector<TarEntry>& entries, Packing packing = Packing::none, bool raw = false) {
  archive* a = archive_write_new();
  std::string out;
  raw ? archive_write_set_format_raw(a) : archive_write_set_format_pax_restricted(a);
  if (packing == Packing::gzip) archive_write_add_filter_gzip(a);
  if (packing == Packing::bzip2) archive_write_add_filter_bzip2(a);
  if (packing == Packing::xz) archive_write_add_filter_xz(a);
  const auto write = [](archive*, void* to, const void* data, std::size_t n) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(data), n);
    return static_cast<la_ssize_t>(n);
  };
  archive_write_set_bytes_per_block(a, 0);
  if (archive_write_open(a, &out, nullptr, write, nullptr) != ARCHIVE_OK)
    throw std::runtime_error("archive_write_open");
  const sseg::detail::Utf8Names names;
  for (const TarEntry& e : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, e.path.c_str());
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, !e.link.empty() ? AE_IFLNK : e.path.ends_with('/') ? AE_IFDIR : AE_IFREG);
    if (!e.link.empty()) archive_entry_set_symlink(entry, e.link.c_str());
    if (!e.hard.empty()) archive_entry_set_hardlink(entry, e.hard.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(e.bytes.size()));
    if (archive_write_header(a, entry) < ARCHIVE_WARN) throw std::runtime_error(archive_error_string(a));
    archive_write_data(a, e.bytes.data(), e.bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(a);
  archive_write_free(a);
  return out;
}

/// The bytes packed, as `gzip` makes a file.
inline std::string pack(const std::string& bytes, Packing packing) { return make_tar({{"x", bytes}}, packing, true); }

}  // namespace sseg_test

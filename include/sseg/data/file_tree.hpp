#pragma once
#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/archive.hpp"
#include "sseg/io/archive_path.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/io/zip.hpp"

namespace sseg {

/// The files of a folder, or of a zip or tar archive (.tar, .tar.gz, .tar.bz2, .tar.xz, known by its first bytes),
/// behind one face: relative paths with '/', sorted by bytes. Hidden files and the "__MACOSX" folder are left out;
/// a link to a folder is refused, as is a hard link in a tar; its symbolic links are passed over. A tar has no order to
/// seek in: it is unpacked into memory.
class FileTree {
 public:
  static constexpr Index max_files = 2'000'000;
  /// What a tar may take of memory, unless the caller says otherwise.
  static constexpr Index default_unpacked_bytes = Index{1} << 32;

  /// Throws `Error`: `root` missing, unreadable, neither a folder nor such an archive; a path that occurs twice or that
  /// leaves the archive (absolute, or with ".."); too many files; a tar of more than `max_unpacked_bytes`.
  explicit FileTree(const std::filesystem::path& root, Index max_unpacked_bytes = default_unpacked_bytes) {
    std::error_code failed, unknown;
    const auto status = std::filesystem::status(root, failed);
    root_ = std::filesystem::absolute(root, unknown).lexically_normal();
    if (failed && status.type() != std::filesystem::file_type::not_found)
      throw Error("cannot look at the path: " + failed.message(), root.string(), "Check its rights and its disk.");
    if (!std::filesystem::exists(status))
      throw Error("no such file or folder", root.string(),
                  "Check the path; it may be a folder, a zip or a tar archive.");
    if (!root_.has_filename()) root_ = root_.parent_path();  // "a/b/" is "a/b"
    if (std::filesystem::is_directory(status))
      list_folder();
    else if (root_.extension() == ".pkl" || root_.extension() == ".pickle")
      list_one_file();
    else if (is_zip_file())
      list_zip();
    else
      unpack_tar(max_unpacked_bytes);
    sort();
  }

  /// The root as an absolute path.
  const std::filesystem::path& root() const { return root_; }
  bool is_zip() const { return zip_ != nullptr; }
  bool is_archive() const { return is_zip() || is_tar_; }
  /// The folder's name, or the archive's without its endings: "set" of "set.tar.gz".
  std::string name() const {
    std::string name = root_.filename().string();
    if (!is_archive()) return name;
    for (const std::string_view ending : {".gz", ".bz2", ".xz", ".tar", ".tgz", ".tbz2", ".txz", ".zip"})
      if (name.size() > ending.size() && name.ends_with(ending)) name.erase(name.size() - ending.size());
    return name;
  }
  const std::vector<std::string>& paths() const { return paths_; }
  /// The folders that the root is known to hold, sorted; an archive need not name those of its files.
  const std::vector<std::string>& folders() const { return folders_; }
  Index size() const { return static_cast<Index>(paths_.size()); }

  /// The bytes of file `i`. May run on many threads at once (one after the other in a zip).
  /// Throws `Error` when it cannot be read or exceeds `max_bytes`.
  std::string read(Index i, Index max_bytes) const {
    if (zip_) {
      const std::lock_guard lock(zip_->turn);
      return zip_->archive.read(entries_[to_size(i)], max_bytes);
    }
    if (!is_tar_) return read_file(root_ / paths_[to_size(i)], max_bytes);
    const std::string& bytes = unpacked_[to_size(entries_[to_size(i)])];
    if (static_cast<Index>(bytes.size()) <= max_bytes) return bytes;
    throw Error("the file is larger than the limit of " + std::to_string(max_bytes) + " bytes",
                where(paths_[to_size(i)]), "Check that it is the right archive.");
  }

  /// Name of a file in messages: "root/path" or "root.zip:path".
  std::string where(std::string_view path) const {
    return root_.string() + (is_archive() ? ":" : "/") + std::string(path);
  }

 private:
  void list_folder() {
    std::error_code failed;
    std::filesystem::path last = root_;
    std::filesystem::recursive_directory_iterator it(root_, failed);
    for (; !failed && it != std::filesystem::recursive_directory_iterator(); it.increment(failed)) {
      std::error_code unknown;
      last = it->path();
      const auto relative = [&] { return it->path().lexically_relative(root_).generic_string(); };
      if (is_hidden(it->path().filename().string())) {
        if (it->is_directory(unknown)) it.disable_recursion_pending();
      } else if (it->is_regular_file(unknown)) {
        add(relative(), 0);
      } else if (it->is_directory(unknown)) {
        if (it->is_symlink(unknown))
          throw Error("the folder is a link, and links are not followed", last.string(),
                      "Copy the folder to its place, or name the folder that the links point into.");
        folders_.push_back(relative());
      }
    }
    if (failed)
      throw Error("cannot list the folder: " + failed.message(), last.string(), "Check its rights and its disk.");
  }
  /// A pickle is the only file of its folder.
  void list_one_file() {
    add(root_.filename().string(), 0);
    root_ = root_.parent_path();
  }
  /// By the marks of a first entry, of an empty zip, or of one in parts; a tar may begin with a file named PK….
  bool is_zip_file() const {
    const std::string start = read_unpacked_start(root_, 4);
    return start == "PK\x03\x04" || start == "PK\x05\x06" || start == "PK\x07\x08";
  }
  void list_zip() {
    zip_ = std::make_unique<Zip>(root_);
    for (Index i = 0; i < zip_->archive.size(); ++i) {
      const std::string stored = zip_->archive.name(i);
      add_entry(archive_path(stored, root_.string()), stored.ends_with('/'), i);
    }
  }
  void unpack_tar(Index max_bytes) {
    is_tar_ = true;
    ArchiveReader tar(root_, {max_files, max_bytes});
    while (tar.next()) {
      if (add_entry(tar.path(), tar.is_folder(), static_cast<Index>(unpacked_.size())))
        unpacked_.push_back(tar.read(max_bytes));
    }
  }
  /// Whether it is a file to be kept.
  bool add_entry(std::string path, bool is_folder, Index entry) {
    if (path.empty() || has_hidden_part(path)) return false;
    if (is_folder) {
      folders_.push_back(std::move(path));
      return false;
    }
    add(std::move(path), entry);
    return true;
  }
  void add(std::string path, Index entry) {
    paths_.push_back(std::move(path));
    entries_.push_back(entry);
    if (size() > max_files)
      throw Error("more than " + std::to_string(max_files) + " files", root_.string(), "Name the data's own folder.");
  }
  void sort() {
    std::vector<std::size_t> order(paths_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return paths_[a] < paths_[b]; });
    std::vector<std::string> paths;
    std::vector<Index> entries;
    for (const std::size_t i : order) {
      if (!paths.empty() && paths.back() == paths_[i])
        throw Error("the path occurs twice", where(paths_[i]), "Fetch or make the archive again.");
      paths.push_back(paths_[i]);
      entries.push_back(entries_[i]);
    }
    paths_ = std::move(paths);
    entries_ = std::move(entries);
    std::sort(folders_.begin(), folders_.end());
    folders_.erase(std::unique(folders_.begin(), folders_.end()), folders_.end());
  }
  static bool is_hidden(std::string_view part) { return part == "__MACOSX" || (part.size() > 1 && part[0] == '.'); }
  static bool has_hidden_part(std::string_view path) {
    while (!path.empty()) {
      const auto slash = std::min(path.find('/'), path.size());
      if (is_hidden(path.substr(0, slash))) return true;
      path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return false;
  }

  struct Zip {
    explicit Zip(const std::filesystem::path& path) : archive(path) {}
    ZipArchive archive;
    std::mutex turn;
  };

  std::filesystem::path root_;
  std::unique_ptr<Zip> zip_;
  bool is_tar_ = false;
  std::vector<std::string> unpacked_;  ///< the files of a tar, in its order
  std::vector<std::string> paths_, folders_;
  std::vector<Index> entries_;  ///< index in the archive of each path
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/io/zip.hpp"

namespace sseg {

/// The files of a folder, or of a zip archive, behind one face: relative paths with '/', sorted by bytes. Hidden files
/// and the "__MACOSX" folder are left out; links to folders are not followed. Not for use from two threads at once.
class FileTree {
 public:
  static constexpr Index max_files = 2'000'000;

  /// Throws `Error`: `root` missing, unreadable, neither a folder nor a zip; a path that occurs twice; too many files.
  explicit FileTree(const std::filesystem::path& root) {
    std::error_code failed;
    const auto status = std::filesystem::status(root, failed);
    root_ = std::filesystem::absolute(root, failed).lexically_normal();
    if (failed || !std::filesystem::exists(status))
      throw Error("no such file or folder", root.string(), "Check the path; it may be a folder or a zip archive.");
    if (!root_.has_filename()) root_ = root_.parent_path();  // "a/b/" is "a/b"
    if (std::filesystem::is_directory(status))
      list_folder();
    else
      list_zip();
    sort();
  }

  /// The root as an absolute path.
  const std::filesystem::path& root() const { return root_; }
  bool is_zip() const { return archive_ != nullptr; }
  const std::vector<std::string>& paths() const { return paths_; }
  Index size() const { return static_cast<Index>(paths_.size()); }

  /// The bytes of file `i`. Throws `Error` when it cannot be read or exceeds `max_bytes`.
  std::string read(Index i, Index max_bytes) const {
    if (archive_) return archive_->read(entries_[to_size(i)], max_bytes);
    return read_file(root_ / paths_[to_size(i)], max_bytes);
  }

  /// Name of a file in messages: "root/path" or "root.zip:path".
  std::string where(std::string_view path) const { return root_.string() + (archive_ ? ":" : "/") + std::string(path); }

 private:
  void list_folder() {
    std::error_code failed;
    std::filesystem::recursive_directory_iterator it(root_, failed);
    for (; !failed && it != std::filesystem::recursive_directory_iterator(); it.increment(failed)) {
      std::error_code unknown;
      if (is_hidden(it->path().filename().string())) {
        if (it->is_directory(unknown)) it.disable_recursion_pending();
      } else if (it->is_regular_file(unknown)) {
        add(it->path().lexically_relative(root_).generic_string(), 0);
      }
    }
    if (failed)
      throw Error("cannot list the folder: " + failed.message(), root_.string(), "Check its rights and its disk.");
  }
  void list_zip() {
    archive_ = std::make_unique<ZipArchive>(root_);
    for (Index i = 0; i < archive_->size(); ++i) {
      std::string name = archive_->name(i);
      if (!name.empty() && name.back() != '/' && !has_hidden_part(name)) add(std::move(name), i);
    }
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

  std::filesystem::path root_;
  std::unique_ptr<ZipArchive> archive_;
  std::vector<std::string> paths_;
  std::vector<Index> entries_;  ///< index in the archive of each path
};

}  // namespace sseg

#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/picture_cache_header.hpp"
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/word_sum.hpp"

namespace sseg {

/// Writes pictures one after the other into a picture cache (`MappedImages` reads it), with a label's memory for each
/// and no more. The file appears whole at `finish`; without that nothing is left behind.
class PictureCacheWriter {
 public:
  /// `shape` (H, W, C), sides up to 65536. `classes`: empty for pictures without labels.
  /// Throws `Error`: such a shape or such names cannot be held, no such folder, disk full.
  PictureCacheWriter(const std::filesystem::path& file, const Shape& shape, const std::string& name,
                     const std::vector<std::string>& classes)
      : path_(file), folder_(detail::folder_of_file(file)), file_(folder_, file) {
    constexpr Index most = 65536;
    bool fits = shape.rank == 3;
    for (int d = 0; d < shape.rank; ++d) fits = fits && shape[d] >= 1 && shape[d] <= most;
    if (!fits)
      throw Error("a picture cache cannot hold pictures " + to_string(shape), path_.string(), "Give (H, W, C).");
    header_.shape = shape;
    header_.labelled = !classes.empty();
    header_.name = name;
    header_.classes = classes;
    file_.append(header_.write(path_.string()));
  }

  /// Adds a picture of the cache's shape; `label` -1 where the cache has no classes.
  /// Throws `Error`: another shape, a label out of range, disk full.
  void add(View<const std::uint8_t> picture, Index label = -1) {
    if (picture.shape != header_.shape)
      throw Error("a picture " + to_string(picture.shape) + " for a cache of " + to_string(header_.shape),
                  path_.string(), "Resize it before.");
    const auto classes = static_cast<Index>(header_.classes.size());
    if (header_.labelled ? label < 0 || label >= classes : label != -1)
      throw Error("label " + std::to_string(label) + " in a cache of " + std::to_string(classes) + " classes",
                  path_.string(), "Give labels from 0 to the number of classes less 1; -1 where there are none.");
    file_.append({reinterpret_cast<const char*>(picture.data), to_size(picture.shape.count())});
    sum_.add(picture.flat());
    if (header_.labelled) detail::PictureCacheHeader::add_number(labels_, static_cast<std::uint64_t>(label));
    ++header_.pictures;
  }
  Index size() const { return header_.pictures; }

  /// Puts the file in its place, on the disk. Requires: called once. Throws `Error`: no pictures, disk full.
  void finish() {
    if (header_.pictures == 0) throw Error("a picture cache without pictures", path_.string(), "Add pictures first.");
    file_.append(labels_);
    sum_.add(labels_);
    header_.content_sum = sum_.value();
    file_.write_start(header_.write(path_.string()));
    file_.seal();
    detail::put_in_place(file_, folder_);
  }

 private:
  std::filesystem::path path_, folder_;
  detail::TemporaryFile file_;
  detail::PictureCacheHeader header_;
  detail::WordSum sum_;
  std::string labels_;
};

}  // namespace sseg

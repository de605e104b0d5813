#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/concepts/dataset.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/picture_cache_header.hpp"
#include "sseg/data/pixel_values.hpp"
#include "sseg/io/mapped_file.hpp"
#include "sseg/io/word_sum.hpp"

namespace sseg {

/// The pictures of a picture cache, read from the file as they are asked for: a data set of any size in little memory.
/// Byte v reads as v / 255. Labels are held in memory.
class MappedImages {
 public:
  /// Throws `Error`: not a picture cache, of another version, its head or labels damaged, or shorter or longer than its
  /// head tells. Pixels are not read here: `verify` does that.
  explicit MappedImages(const std::filesystem::path& path)
      : path_(path.string()), file_(path), header_(detail::PictureCacheHeader::read(file_.bytes(), path_)) {
    if (!header_.labelled) return;
    const auto bytes = labels();
    for (Index i = 0; i < size(); ++i) {
      const auto label = detail::PictureCacheHeader::number(bytes, to_size(i));
      if (label >= header_.classes.size())
        throw Error("picture " + std::to_string(i) + " has label " + std::to_string(label) + " of " +
                        std::to_string(header_.classes.size()) + " classes",
                    path_, "The file is damaged: build the cache again.");
      label_.push_back(static_cast<Index>(label));
    }
  }

  Index size() const { return header_.pictures; }
  ImageSpec spec() const { return {header_.shape, static_cast<Index>(header_.classes.size()), header_.name}; }
  const std::vector<std::string>& classes() const { return header_.classes; }
  /// One per picture, or empty.
  const std::vector<Index>& label() const { return label_; }
  /// Valid as long as this lives.
  View<const std::uint8_t> image(Index i) const {
    const char* pixels = file_.bytes().data() + header_.head_bytes();
    return {reinterpret_cast<const std::uint8_t*>(pixels) + i * header_.shape.count(), header_.shape};
  }

  Index read(Index i, View<float> out) const {
    to_unit_values(image(i).data, header_.shape.count(), out.data);
    return label_.empty() ? -1 : label_[to_size(i)];
  }

  /// Reads the whole file. Throws `Error` when a pixel or label is not as it was written.
  void verify() const {
    detail::WordSum sum;
    for (Index i = 0; i < size(); ++i) sum.add(image(i).flat());
    sum.add(labels());
    if (sum.value() != header_.content_sum)
      throw Error("the pictures are not those that were written", path_, "The file is damaged: build the cache again.");
  }

 private:
  std::string_view labels() const {
    return file_.bytes().substr(to_size(header_.head_bytes() + header_.pixel_bytes()));
  }

  std::string path_;
  MappedFile file_;
  detail::PictureCacheHeader header_;
  std::vector<Index> label_;
};

static_assert(Dataset<MappedImages>);

}  // namespace sseg

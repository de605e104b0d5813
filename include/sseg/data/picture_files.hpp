#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sseg/concepts/dataset.hpp"
#include "sseg/data/picture_stream.hpp"
#include "sseg/data/pixel_values.hpp"

namespace sseg {

/// The pictures of a folder, zip or tar archive as a data set that decodes each one when it is read, so that no picture
/// has to be in memory. The same pictures, labels and classes as `load_image_folder`'s, in the same order, but what
/// cannot be read is an `Error` of `read`. Move-only: it holds the archive.
class PictureFiles {
 public:
  /// Throws `Error`: as the constructor of PictureStream.
  explicit PictureFiles(const std::filesystem::path& path, const ImageFolderOptions& options = {})
      : stream_(path, options), name_(stream_.tree().name()) {}

  Index size() const { return static_cast<Index>(stream_.listing().file.size()); }
  ImageSpec spec() const { return {stream_.shape(), static_cast<Index>(classes().size()), name_}; }
  const std::vector<std::string>& classes() const { return stream_.listing().classes; }
  const std::string& path_of(Index i) const { return stream_.path_of(i); }

  /// Throws `Error` naming the file: it cannot be read, or has another size or number of channels.
  Index read(Index i, View<float> out) const {
    std::vector<std::uint8_t> bytes(to_size(out.shape.count()));
    stream_.read(i, {bytes.data(), out.shape});
    to_unit_values(bytes.data(), out.shape.count(), out.data);
    const auto& label = stream_.listing().label;
    return label.empty() ? -1 : label[to_size(i)];
  }

 private:
  PictureStream stream_;
  std::string name_;
};

static_assert(Dataset<PictureFiles>);

}  // namespace sseg

#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/image_folder.hpp"
#include "sseg/data/image_folder_options.hpp"
#include "sseg/data/picture_cache_writer.hpp"
#include "sseg/data/picture_stream.hpp"

namespace sseg {

/// Decodes an image folder, of whatever size, into the picture cache `file`: the pictures that `load_image_folder`
/// would load, in the same order, a few in memory at a time. Returns what was skipped. Nothing is left behind on
/// failure. Throws `Error`: as `load_image_folder` without its limit of memory, or the cache cannot be written.
inline std::vector<SkippedPicture> build_picture_cache(const std::filesystem::path& folder,
                                                       const std::filesystem::path& file,
                                                       const ImageFolderOptions& options = {}) {
  const PictureStream stream(folder, options);
  const auto& list = stream.listing();
  PictureCacheWriter writer(file, stream.shape(), stream.tree().name(), list.classes);
  std::vector<Index> labels;
  auto skipped = stream.for_each([&](Index picture, View<const std::uint8_t> pixels) {
    const Index label = list.label.empty() ? -1 : list.label[to_size(picture)];
    writer.add(pixels, label);
    if (label >= 0) labels.push_back(label);
  });
  detail::check_classes_are_left(labels, list.classes, stream.tree().root().string());
  writer.finish();
  return skipped;
}

}  // namespace sseg

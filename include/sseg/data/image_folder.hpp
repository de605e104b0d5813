#pragma once
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/data/image_folder_options.hpp"
#include "sseg/data/picture_stream.hpp"

namespace sseg {

/// The pictures of an image folder in memory, the file of each, and what was left out.
struct ImageFolder {
  ByteImages images;
  std::vector<std::string> files;  ///< path of each picture within the folder or archive
  std::vector<SkippedPicture> skipped;
};

namespace detail {

/// Throws when every picture of a class was skipped.
inline void check_classes_are_left(const std::vector<Index>& labels, const std::vector<std::string>& classes,
                                   const std::string& where) {
  std::vector<bool> seen(classes.size());
  for (const Index label : labels) seen[to_size(label)] = true;
  for (std::size_t k = 0; k < classes.size(); ++k)
    if (!seen[k])
      throw Error("no picture of the class '" + classes[k] + "' can be read", where,
                  "Replace its files, or take them away.");
}

}  // namespace detail

/// Loads a folder, zip or tar archive of PNG, JPEG and PNM pictures, labelled by folder or flat, in the order of the
/// sorted paths; classes are sorted by name. Pictures of other sizes are resized without aliasing where the options
/// give a size. The same for any number of threads. Memory: the result and a few pictures (a tar: its files too).
/// Throws `Error`: as `list_pictures`; a picture unreadable (unless skipped: then reported), of another size (without
/// a size asked for) or another number of channels; a class of which nothing can be read; more than `max_bytes`.
/// More pictures than memory holds: `build_picture_cache`.
inline ImageFolder load_image_folder(const std::filesystem::path& path, const ImageFolderOptions& options = {}) {
  const PictureStream stream(path, options);
  const PictureListing& list = stream.listing();
  const auto total = static_cast<Index>(list.file.size());
  const Index count = stream.shape().count();
  if (total > options.max_bytes / count)
    throw Error(std::to_string(total) + " pictures " + to_string(stream.shape()) + " are over the limit of " +
                    std::to_string(options.max_bytes) + " bytes",
                stream.tree().root().string(),
                "Ask for a smaller size, raise `max_bytes`, or build a picture cache (build_picture_cache).");

  ImageFolder folder;
  ByteImages& images = folder.images;
  images.name = stream.tree().name();
  images.shape = stream.shape();
  images.classes = list.classes;
  images.pixels.reserve_at_least(total * count);
  folder.skipped = stream.for_each([&](Index picture, View<const std::uint8_t> pixels) {
    std::copy_n(pixels.data, count, images.image(static_cast<Index>(folder.files.size())).data);
    folder.files.push_back(stream.path_of(picture));
    if (!list.label.empty()) images.label.push_back(list.label[to_size(picture)]);
  });
  images.pixels.keep_first(static_cast<Index>(folder.files.size()) * count);
  detail::check_classes_are_left(images.label, images.classes, stream.tree().root().string());
  return folder;
}

}  // namespace sseg

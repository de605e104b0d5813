#pragma once
#include <algorithm>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/data/fit_picture.hpp"
#include "sseg/data/image_folder_options.hpp"
#include "sseg/data/picture_listing.hpp"
#include "sseg/io/decode_picture.hpp"

namespace sseg {

/// A picture that was left out, and why.
struct SkippedPicture {
  std::string path;    ///< within the tree
  std::string reason;  ///< what the `Error` said
};

/// The pictures of a folder, zip or tar archive, decoded to one size one after the other: the part that loaders of
/// image folders share. Holds a few pictures at a time, however many there are.
class PictureStream {
 public:
  /// Throws `Error`: options that make no sense, an unreadable tree, and as `list_pictures`; no readable picture.
  PictureStream(const std::filesystem::path& path, ImageFolderOptions options)
      : options_(std::move(options)), tree_(path) {
    check_options();
    list_ = list_pictures(tree_.paths(), tree_.folders(), options_, tree_.root().string());
    shape_ = find_shape();
  }

  const FileTree& tree() const { return tree_; }
  const PictureListing& listing() const { return list_; }
  /// (H, W, C) of every picture.
  const Shape& shape() const { return shape_; }
  const std::string& path_of(Index picture) const { return tree_.paths()[to_size(list_.file[to_size(picture)])]; }

  /// Calls `sink(picture, View<const std::uint8_t>)` for every picture of the listing in its order, decoding on several
  /// threads ahead of it. Returns what was skipped. Throws `Error` for the first picture, in that order, that cannot be
  /// read (unless skipped) or has another size or number of channels.
  template <class Sink>
  std::vector<SkippedPicture> for_each(Sink&& sink) const {
    const auto total = static_cast<Index>(list_.file.size());
    const Index count = shape_.count();
    constexpr Index most_bytes = Index{1} << 28, most_pictures = 64;
    const Index at_once = std::clamp<Index>(most_bytes / count, 1, most_pictures);
    Threads threads(options_.threads);
    std::vector<std::uint8_t> decoded(to_size(std::min(at_once, total) * count));
    std::vector<std::optional<Failure>> failures(to_size(at_once));
    std::vector<SkippedPicture> skipped;
    for (Index first = 0; first < total; first += at_once) {
      const Index pictures = std::min(at_once, total - first);
      threads.run(pictures, [&](Index k) {
        failures[to_size(k)] = decode(first + k, {decoded.data() + k * count, shape_});
      });
      for (Index k = 0; k < pictures; ++k) {
        const auto& failure = failures[to_size(k)];
        if (!failure)
          sink(first + k, View<const std::uint8_t>(decoded.data() + k * count, shape_));
        else if (failure->corrupt && options_.skip_corrupt)
          skipped.push_back({path_of(first + k), failure->error.what_happened()});
        else
          throw failure->error;
      }
    }
    return skipped;
  }

 private:
  struct Failure {
    Error error;
    bool corrupt;  ///< of the file itself, so that skipping may be asked for
  };

  void check_options() const {
    const auto side_fits = [](Index side) { return side >= 0 && side <= 4096; };
    const auto fail = [&](const char* what, const char* cure) { throw Error(what, tree_.root().string(), cure); };
    if (!side_fits(options_.height) || !side_fits(options_.width) || (options_.height == 0) != (options_.width == 0))
      fail("pictures cannot be made of this size", "Set height and width both to 0, or both within 1 ... 4096.");
    if (options_.channels != 0 && options_.channels != 1 && options_.channels != 3)
      fail("pictures have 1 or 3 channels", "Set ImageFolderOptions::channels to 0, 1 or 3.");
    if (options_.threads < 0 || options_.max_pixels < 1 || options_.max_file_bytes < 1 || options_.max_bytes < 1)
      fail("a limit below 1 or a negative number of threads", "Check the image folder's options.");
  }

  Picture read(Index picture) const {
    const Index file = list_.file[to_size(picture)];
    return decode_picture(tree_.read(file, options_.max_file_bytes), tree_.where(path_of(picture)),
                          {options_.channels, options_.max_pixels});
  }

  /// From the options, or else from the first picture that can be read.
  Shape find_shape() const {
    if (options_.height > 0 && options_.channels > 0) return {options_.height, options_.width, options_.channels};
    for (Index k = 0;; ++k) {
      try {
        const Picture p = read(k);
        if (options_.height > 0) return {options_.height, options_.width, p.channels};
        return {p.height, p.width, p.channels};
      } catch (const Error&) {
        if (!options_.skip_corrupt || k + 1 == static_cast<Index>(list_.file.size())) throw;
      }
    }
  }

  std::optional<Failure> decode(Index picture, View<std::uint8_t> out) const {
    Picture p;
    try {
      p = read(picture);
    } catch (const Error& error) {
      return Failure{error, true};
    }
    const Shape found{p.height, p.width, p.channels};
    const bool resized = options_.height > 0;
    if (p.channels != shape_[2] || (!resized && found != shape_))
      return Failure{
          Error("a picture " + to_string(found) + " among others " + to_string(shape_), tree_.where(path_of(picture)),
                p.channels != shape_[2] ? "Set `channels` to 1 or 3 to convert all."
                                        : "Set `height` and `width` to resize all."),
          false};
    fit_picture(p, options_.fit, options_.filter, out);
    return std::nullopt;
  }

  ImageFolderOptions options_;
  FileTree tree_;
  PictureListing list_;
  Shape shape_;
};

}  // namespace sseg

#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/data/image_folder_options.hpp"
#include "sseg/data/images.hpp"
#include "sseg/data/picture_listing.hpp"
#include "sseg/experiment/classifier_net.hpp"
#include "sseg/experiment/evaluation_picture.hpp"
#include "sseg/io/decode_picture.hpp"
#include "sseg/io/read_file.hpp"

namespace sseg {

/// The PNG, JPEG and PNM pictures of a folder with all below it, or of a zip or tar archive, in the order of their
/// sorted paths; or one picture file. Nothing is held but their names (a tar: its files).
class QueryPictures {
 public:
  /// `labelled`: the first folder names the class, as in an image folder. Throws: Error as `FileTree` and
  /// `list_pictures`: nothing there, no pictures, an empty class, a picture outside of the classes.
  explicit QueryPictures(const std::filesystem::path& path, bool labelled = false) {
    std::error_code unknown;
    if (!labelled && std::filesystem::is_regular_file(path, unknown) && detail::is_picture_path(path.string())) {
      one_ = path;
      return;
    }
    tree_.emplace(path);
    list_ = list_pictures(tree_->paths(), tree_->folders(), {.labelled = labelled}, tree_->root().string());
  }

  Index size() const { return tree_ ? static_cast<Index>(list_.file.size()) : 1; }
  /// The path within the folder or archive, or as it was given.
  std::string path(Index i) const { return tree_ ? tree_->paths()[to_size(list_.file[to_size(i)])] : one_.string(); }
  const PictureListing& listing() const { return list_; }
  std::string name() const { return tree_ ? tree_->name() : one_.filename().string(); }
  /// May run on many threads at once. Throws: Error naming the file when it cannot be read or is no picture.
  Picture read(Index i) const {
    const ImageFolderOptions limits;
    if (!tree_) return decode_picture(read_file(one_, limits.max_file_bytes), one_.string(), {0, limits.max_pixels});
    return decode_picture(tree_->read(list_.file[to_size(i)], limits.max_file_bytes), tree_->where(path(i)),
                          {0, limits.max_pixels});
  }

 private:
  std::optional<FileTree> tree_;
  PictureListing list_;
  std::filesystem::path one_;
};

/// The labelled examples at `path`, one sub-folder a class, as the evaluation of a run brings them to `shape` (H, W,
/// C). Throws: Error as `QueryPictures`, and for an example that cannot be read.
inline Images load_examples(const std::filesystem::path& path, const RunConfig& c, Shape shape) {
  const auto files = [&] {
    try {
      return std::make_unique<QueryPictures>(path, true);
    } catch (const Error& e) {
      throw Error(e.what_happened(), e.where(), "Give one sub-folder of pictures for each class. " + e.cure());
    }
  }();
  Images all{files->name(),
             shape,
             Buffer<float>(files->size() * shape.count()),
             files->listing().label,
             {},
             files->listing().classes,
             {}};
  for (Index i = 0; i < files->size(); ++i) evaluation_picture(c, files->read(i), all.image(i));
  return all;
}
/// As `net` reads them.
inline Images load_examples(const std::filesystem::path& path, const ClassifierNet& net) {
  return load_examples(path, net.config, net.picture);
}

}  // namespace sseg

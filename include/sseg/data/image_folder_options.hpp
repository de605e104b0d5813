#pragma once
#include <string>

#include "sseg/core/shape.hpp"
#include "sseg/data/fit_picture.hpp"
#include "sseg/data/resize.hpp"

namespace sseg {

/// What names the class of a picture: the first folder below the root, whatever lies between ("cat" of
/// "cat/day/1.png"), or the folder that holds it, with its path ("cat/day").
enum class ClassFolder { first, own };

/// How an image folder is read.
struct ImageFolderOptions {
  Index height = 0, width = 0;  ///< both 0: as the first picture, and all must be equal; 1 … 4096: resized
  Index channels = 0;           ///< 1 gray, 3 RGB, 0: as the first picture, and all must be equal
  PictureFit fit = PictureFit::crop;
  ResizeFilter filter = ResizeFilter::triangle;
  bool labelled = true;  ///< false: folders mean nothing, no classes
  ClassFolder class_folder = ClassFolder::first;
  std::string within{};               ///< take only what lies below this folder of the root: "train"
  bool skip_corrupt = false;          ///< true: pictures that cannot be read are left out and reported
  Index max_pixels = Index{1} << 26;  ///< of one picture as it lies in its file
  Index max_file_bytes = Index{1} << 28;
  Index max_bytes = Index{1} << 35;  ///< of all pictures together in memory
  int threads = 0;                   ///< that decode; 0: all cores. Does not change the result
};

}  // namespace sseg

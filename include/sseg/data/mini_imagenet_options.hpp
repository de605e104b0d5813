#pragma once
#include "sseg/core/shape.hpp"
#include "sseg/data/resize.hpp"

namespace sseg {

/// How mini-ImageNet's pictures are prepared, and how many there must be.
struct MiniImageNetOptions {
  Index size = 84;        ///< side of the pictures in pixels, 1 … 1024
  Index per_class = 600;  ///< pictures that every class must have; 0: any number. Else than 600 the name says so.
  ResizeFilter filter = ResizeFilter::triangle;  ///< as the bilinear of PIL, which also averages when it shrinks
  bool keep_labels = true;
  int threads = 0;  ///< that decode and resize; 0: all cores. They change no byte.
};

}  // namespace sseg

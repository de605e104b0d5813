#pragma once
#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// How many pictures of each kind a `ViewSet` draws of an image.
struct ViewCounts {
  Index global = 2;          ///< large crops
  Index local = 0;           ///< small crops, of a resolution of their own
  Index rotated = 0;         ///< global crops turned by quarter turns
  bool clean_first = false;  ///< global view 0 is drawn by the clean augmentation
  bool operator==(const ViewCounts&) const = default;

  /// Throws `Error`: a count below 0, or a clean view where there is none.
  void check() const {
    require(global >= 0 && local >= 0 && rotated >= 0, "a number of views below 0", "ViewCounts",
            "Give 0 for views that are not wanted.");
    require(global > 0 || !clean_first, "clean_first without a global view", "ViewCounts",
            "Give global >= 1, or leave clean_first out.");
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::ViewCounts, global, local, rotated, clean_first);

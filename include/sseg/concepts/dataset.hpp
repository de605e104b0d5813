#pragma once
#include <concepts>
#include <string_view>

#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// What a data set holds: the shape (H, W, C) of every image, the number of classes (0: unlabelled), and its name,
/// which lives as long as the data set.
struct ImageSpec {
  Shape shape;
  Index classes = 0;
  std::string_view name;
};

/// A source of equally sized images with values in [0, 1]. `read` fills one image and returns its class, or -1 without
/// labels. Requires of a model: no global state; `read` may run on many threads at once.
template <class D>
concept Dataset = requires(const D d, Index i, View<float> out) {
  { d.size() } -> std::same_as<Index>;
  { d.spec() } -> std::convertible_to<ImageSpec>;
  { d.read(i, out) } -> std::same_as<Index>;
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/xtensor.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/data/images.hpp"

namespace sseg {

/// What goes with an array of pictures.
struct InMemoryLabels {
  std::string name = "in memory";
  std::vector<Index> label{};          ///< one per picture, counted from 0, or empty
  std::vector<std::string> classes{};  ///< name of each label, or empty: "0", "1", …
};

namespace detail {

inline void check_labels(InMemoryLabels& about, Index pictures) {
  constexpr Index most_classes = Index{1} << 20;
  const auto fail = [&](const std::string& what) {
    throw Error(what, about.name, "Give one label for each picture, counted from 0.");
  };
  if (about.label.empty()) return;
  if (static_cast<Index>(about.label.size()) != pictures)
    fail(std::to_string(pictures) + " pictures, but " + std::to_string(about.label.size()) + " labels");
  const auto [least, most] = std::minmax_element(about.label.begin(), about.label.end());
  const Index end = about.classes.empty() ? most_classes : static_cast<Index>(about.classes.size());
  if (*least < 0 || *most >= end)
    fail("the label " + std::to_string(*least < 0 ? *least : *most) + " is none of 0 to " + std::to_string(end - 1));
  if (about.classes.empty())
    for (Index k = 0; k <= *most; ++k) about.classes.push_back(std::to_string(k));
}

}  // namespace detail

/// Pictures in an xtensor array (N, H, W, C), or gray ones in (N, H, W), as a data set: a copy, `Images` of floats and
/// `ByteImages` of bytes; any expression and layout will do.
/// Throws `Error`: another number of axes, no pixels, a float outside of [0, 1], labels that do not fit.
template <class A>
requires(std::same_as<typename A::value_type, float> ||
         std::same_as<typename A::value_type, std::uint8_t>) auto images_from(const A& array,
                                                                              InMemoryLabels about = {}) {
  using T = typename A::value_type;
  const auto& extents = array.shape();
  const auto axes = extents.size();
  if ((axes != 3 && axes != 4) || array.size() == 0)
    throw Error("an array of " + std::to_string(axes) + " axes and " + std::to_string(array.size()) +
                    " values is no set of pictures",
                about.name, "Give (pictures, height, width, channels), or (pictures, height, width) for gray.");
  const auto extent = [&](std::size_t axis) { return axis < axes ? static_cast<Index>(extents[axis]) : 1; };
  detail::check_labels(about, extent(0));

  std::conditional_t<std::is_same_v<T, float>, Images, ByteImages> images;
  images.name = std::move(about.name);
  images.shape = {extent(1), extent(2), extent(3)};
  images.label = std::move(about.label);
  images.classes = std::move(about.classes);
  images.pixels.reserve_at_least(static_cast<Index>(array.size()));
  std::copy(array.template cbegin<xt::layout_type::row_major>(), array.template cend<xt::layout_type::row_major>(),
            images.pixels.begin());
  if constexpr (std::is_same_v<T, float>) {
    const auto outside =
        std::find_if(images.pixels.begin(), images.pixels.end(), [](float v) { return !(v >= 0 && v <= 1); });
    if (outside != images.pixels.end())
      throw Error("picture " + std::to_string((outside - images.pixels.begin()) / images.shape.count()) +
                      " has the value " + std::to_string(*outside) + ", outside of 0 to 1",
                  images.name, "Divide by the largest value, or give bytes (uint8_t) of 0 to 255.");
  }
  return images;
}

}  // namespace sseg

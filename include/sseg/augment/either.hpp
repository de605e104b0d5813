#pragma once
#include <utility>
#include <variant>

#include "sseg/concepts/augmentation.hpp"

namespace sseg {

/// One of several augmentations, chosen at run time, itself an augmentation: a configuration decides between drawings
/// and photographs, and the training code is compiled once. At first the first of them.
template <Augmentation... As>
struct Either {
  std::variant<As...> chosen{};
  bool operator==(const Either&) const = default;

  constexpr Shape out_shape(Shape s) const {
    return std::visit([&](const auto& a) { return a.out_shape(s); }, chosen);
  }
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    std::visit([&](const auto& a) { a(rng, in, out); }, chosen);
  }
};

}  // namespace sseg

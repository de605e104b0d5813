#pragma once
#include "sseg/augment/view_set.hpp"
#include "sseg/concepts/augmentation.hpp"

namespace sseg {

/// Which views of every image a run trains on: `counts` of global views, of local crops (Caron et al. 2021: the teacher
/// sees the global ones only) and of rotated copies, and how each kind is made.
template <Augmentation Global, Augmentation Local = Global, Augmentation Clean = Global>
struct MultiCrop {
  ViewCounts counts{};
  Global global{};
  Local local{};
  Clean clean{};  ///< the first global view when `counts.clean_first`
  bool operator==(const MultiCrop&) const = default;
};

/// Two global views and nothing else.
template <Augmentation A>
constexpr MultiCrop<A> two_views(A augment) {
  return {{}, augment, augment, augment};
}

}  // namespace sseg

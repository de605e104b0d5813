#pragma once
#include "sseg/core/view.hpp"

namespace sseg {

/// The views of a batch where the backend's arrays lie: a pass that is given these brings nothing over.
template <class T>
struct BroughtViews {
  View<const T> global, local, rotated;  ///< (V·N, H, W, C), null where there are none
  Index images = 0;                      ///< N
};

}  // namespace sseg

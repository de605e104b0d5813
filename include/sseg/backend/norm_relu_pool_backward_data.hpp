#pragma once
#include "sseg/backend/ops.hpp"

namespace sseg {

/// The second half of NormReluPoolBackward in training, with the sums over a batch of `rows` positions, of which this
/// may be a part:   dx = scale·(e − sum_e/rows − x̂·sum_exhat/rows).   sum_exhat, sum_e:(C)
template <class T>
struct NormReluPoolBackwardData {
  NormGeometry g;
  const T* x;
  const T* mean;
  const T* inv_std;
  const T* scale;
  const T* shift;
  const T* dy;
  T* dx;
  const T* sum_exhat;
  const T* sum_e;
  Index rows;
};

}  // namespace sseg

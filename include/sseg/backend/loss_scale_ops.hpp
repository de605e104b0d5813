#pragma once
#include "sseg/core/shape.hpp"

/// Operations of a backend that keeps its LossScale where its arrays lie (ScalesLossAway). Conventions are those of
/// backend/ops.hpp.
namespace sseg {

/// dz = weight·scale·dz.
template <class T>
struct ScaleLoss {
  Index count;
  T weight;
  T* dz;
};

/// g = g/scale;  then, as LossScale counts, the scale moves by whether all of g are finite.
///   *overflow = 0 where they are, 1 where not, 2 where not although the scale was the least.  It lies where g does
template <class T>
struct UnscaleGradients {
  Index count;
  T* g;
  double* overflow;
};

}  // namespace sseg

#pragma once

namespace sseg::cuda {

/// Where updates find out that they are to change nothing, on the device; null: they always change something.
struct SkipWhere {
  const double* overflow = nullptr;  ///< not 0: this one
  float* missed = nullptr;           ///< how many were skipped that parameters' ages count
};

}  // namespace sseg::cuda

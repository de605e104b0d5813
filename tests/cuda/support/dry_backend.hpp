#pragma once
#include <string_view>
#include <vector>

#include "sseg/backend/ops.hpp"

namespace cuda_test {

/// A backend that computes nothing and notes which convolutions it is asked for: a net's shapes without its work.
class DryBackend {
 public:
  static constexpr std::string_view name = "dry";
  using Scalar = float;
  using Space = sseg::HostSpace;

  template <class Op>
  bool can(const Op&) {
    return true;
  }
  template <class Op>
  void run(const Op&) {}
  void run(const sseg::Conv2dForward<float>& a) { note(a.g); }
  void run(const sseg::Conv2dMoments<float>& a) { note(a.conv.g); }
  void run(const sseg::Conv2dNormReluPool<float>& a) { note(a.conv.g); }

  const std::vector<sseg::ConvGeometry>& convolutions() const { return convolutions_; }

 private:
  void note(const sseg::ConvGeometry& g) { convolutions_.push_back(g); }
  std::vector<sseg::ConvGeometry> convolutions_;
};

}  // namespace cuda_test

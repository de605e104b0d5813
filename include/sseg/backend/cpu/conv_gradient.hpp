#pragma once
#include "sseg/backend/cpu/conv_shape.hpp"
#include "sseg/backend/cpu/norm_backward.hpp"

/// Where a convolution's output gradient dy comes from: it lies ready, or it is made band by band from what follows.
namespace sseg::cpu {

/// One of those below. (Virtual: a kernel is compiled once and not for each; it asks once per band.)
class ConvGradient {
 public:
  /// Floats of scratch for `rows` rows.
  virtual Index scratch(Index) const { return 0; }
  /// Bands of rows begin at multiples of this.
  virtual Index align() const { return 1; }
  /// Output rows `rows` of an image, or all rows of some images, one after another.
  virtual const float* rows(Range images, Range rows, float* scratch) const = 0;

 protected:
  ~ConvGradient() = default;
};

class GivenGradient final : public ConvGradient {
 public:
  GivenGradient(const Correlation& s, const float* dy) : s_(s), dy_(dy) {}

  const float* rows(Range images, Range rows, float*) const override {
    return dy_ + (images.begin * s_.out_h + rows.begin) * s_.out_w * s_.out_c;
  }

 private:
  Correlation s_;
  const float* dy_;
};

/// The gradient through batch norm, activation and pooling; it is kept nowhere.
template <int Lanes>
class GradientThroughNorm final : public ConvGradient {
 public:
  /// Of `norm`, whose dx is not used. `sums` are read by `rows` only.
  GradientThroughNorm(const NormReluPoolBackward<float>& norm, const NormGradient& sums) : norm_(norm), sums_(sums) {}

  Index scratch(Index rows) const override { return rows * norm_.g.w * norm_.g.c; }
  Index align() const override { return norm_.g.pool; }
  const float* rows(Range images, Range rows, float* scratch) const override {
    for (Index i = images.begin; i < images.end; ++i)
      norm_dx_rows<Lanes>(norm_, sums_, i, rows, scratch + (i - images.begin) * this->scratch(rows.size()));
    return scratch;
  }

 private:
  NormReluPoolBackward<float> norm_;
  const NormGradient& sums_;
};

}  // namespace sseg::cpu

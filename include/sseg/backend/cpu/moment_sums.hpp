#pragma once
#include <algorithm>

#include "sseg/backend/cpu/columns.hpp"

namespace sseg::cpu {

/// Per channel Σ (y − shift) and Σ (y − shift)² over rows that are given bit by bit, in pieces that are added in order:
/// the mean and variance of a convolution's output, taken while it is in the caches.
class MomentSums {
 public:
  /// Doubles of workspace.
  static constexpr Index space(Index pieces, Index channels) { return pieces * 3 * channels; }

  MomentSums(Index channels, const float* shift, double* space) : channels_(channels), shift_(shift), space_(space) {}

  /// The sums of one piece, for one thread.
  class Piece {
   public:
    Piece(Index channels, const float* shift, double* total)
        : channels_(channels), shift_(shift), total_(total), part_(reinterpret_cast<float*>(total + 2 * channels)) {
      std::fill_n(total_, 2 * channels_, 0.0);
      std::fill_n(part_, 2 * channels_, 0.f);
    }
    /// `rows` rows of all channels, side by side. Call `flush` after the last ones.
    template <int Lanes>
    SSEG_INLINE void add(const float* y, Index rows) {
      over_rows({0, rows}, channels_, [&]<int together>(Index r) SSEG_INLINE {
        moments_of_rows<Lanes, together>(y + r * channels_, channels_, shift_, part_, part_ + channels_);
      });
      pending_ += rows;
      if (pending_ >= rows_per_block) flush();
    }
    void flush() {
      flush_to_doubles(part_, 2 * channels_, total_);
      pending_ = 0;
    }

   private:
    Index channels_, pending_ = 0;
    const float* shift_;
    double* total_;
    float* part_;
  };
  Piece piece(Index i) const { return {channels_, shift_, space_ + i * 3 * channels_}; }

  /// mean and biased variance over `rows` rows, which `pieces` pieces have got.
  void finish(Index pieces, Index rows, float* mean, float* var) const {
    const double n = static_cast<double>(rows);
    for (Index c = 0; c < channels_; ++c) {
      double sum = 0, squares = 0;
      for (Index i = 0; i < pieces; ++i) {
        sum += space_[i * 3 * channels_ + c];
        squares += space_[i * 3 * channels_ + channels_ + c];
      }
      const double d = sum / n;
      mean[c] = static_cast<float>(static_cast<double>(shift_[c]) + d);
      var[c] = static_cast<float>(std::max(0.0, squares / n - d * d));
    }
  }

 private:
  Index channels_;
  const float* shift_;
  double* space_;
};

}  // namespace sseg::cpu

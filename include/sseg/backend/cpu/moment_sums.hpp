#pragma once
#include <algorithm>

#include "sseg/backend/cpu/columns.hpp"

namespace sseg::cpu {

/// Per channel the number of values, their mean and Σ (y − mean)², of which two are put together in double (Chan, Golub
/// & LeVeque 1983, equation 2.1):  M = Mₐ + M_b + δ²·nₐ·n_b/(nₐ + n_b),  δ = mean_b − meanₐ.
struct Moments {
  Index channels;
  double* at;  ///< n, then means, then sums of squares

  static constexpr Index doubles(Index channels) { return 1 + 2 * channels; }
  void clear() const { std::fill_n(at, doubles(channels), 0.0); }
  /// other(c, mean, squares) gives those of channel c of `n` other values.
  template <class Other>
  void add(double n, Other&& other) const {
    const double before = at[0], all = before + n;
    if (n == 0) return;
    for (Index c = 0; c < channels; ++c) {
      double mean = 0, squares = 0;
      other(c, mean, squares);
      const double delta = mean - at[1 + c];
      at[1 + c] += delta * n / all;
      at[1 + channels + c] += squares + delta * delta * before * n / all;
    }
    at[0] = all;
  }
};

/// The moments of a convolution's output, taken while it is in the caches: rows are given bit by bit, in pieces that
/// are put together in order. Blocks of `rows_per_block` rows are summed in float less their own first row, so that
/// neither a large mean nor an odd row costs digits.
class MomentSums {
 public:
  /// Doubles of workspace.
  static constexpr Index space(Index pieces, Index channels) { return pieces * stride(channels); }

  MomentSums(Index channels, double* space) : channels_(channels), space_(space) {}

  /// One piece, for one thread. The rows that are added must stay where they are until the next block.
  class Piece {
   public:
    Piece(Index channels, double* at)
        : total_{channels, at}, part_(reinterpret_cast<float*>(at + Moments::doubles(channels))) {
      total_.clear();
      std::fill_n(part_, 2 * channels, 0.f);
    }
    /// `rows` rows of all channels, side by side. Call `flush` after the last ones.
    template <int Lanes>
    SSEG_INLINE void add(const float* y, Index rows) {
      const Index c = total_.channels;
      while (rows > 0) {
        if (pending_ == 0) shift_ = y;
        const Index taken = std::min(rows, rows_per_block - pending_);
        over_rows({0, taken}, c, [&]<int together>(Index r) SSEG_INLINE {
          moments_of_rows<Lanes, together>(y + r * c, c, shift_, part_, part_ + c);
        });
        pending_ += taken;
        if (pending_ == rows_per_block) flush();
        y += taken * c;
        rows -= taken;
      }
    }
    void flush() {
      const double n = static_cast<double>(pending_);
      total_.add(n, [&](Index c, double& mean, double& squares) {
        float &sum = part_[c], &square = part_[total_.channels + c];
        const double d = static_cast<double>(sum) / n;
        mean = static_cast<double>(shift_[c]) + d;
        squares = std::max(0.0, static_cast<double>(square) - d * d * n);
        sum = square = 0;
      });
      pending_ = 0;
    }

   private:
    Moments total_;
    float* part_;
    const float* shift_ = nullptr;
    Index pending_ = 0;
  };
  Piece piece(Index i) const { return {channels_, space_ + i * stride(channels_)}; }

  /// mean and biased variance of what `pieces` pieces have got; leaves them in the first piece.
  void finish(Index pieces, float* mean, float* var) const {
    const Moments all{channels_, space_};
    for (Index i = 1; i < pieces; ++i) {
      const double* other = space_ + i * stride(channels_);
      all.add(other[0], [&](Index c, double& m, double& squares) {
        m = other[1 + c];
        squares = other[1 + channels_ + c];
      });
    }
    for (Index c = 0; c < channels_; ++c) {
      mean[c] = static_cast<float>(all.at[1 + c]);
      var[c] = static_cast<float>(all.at[1 + channels_ + c] / all.at[0]);
    }
  }

 private:
  static constexpr Index stride(Index channels) { return Moments::doubles(channels) + channels; }
  Index channels_;
  double* space_;
};

}  // namespace sseg::cpu

#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include "sseg/core/buffer.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// Reads a picture at any place, averaged by a tent: Σ w(i - y)·w(j - x)·in(i, j) / Σ w·w with w(d) = 1 - |d| / reach.
/// A reach of 1 is bilinear interpolation; a larger one averages what lies closer together than the result's pixels.
/// The picture is copied once into a frame as wide as the tent, so that reading asks for no borders. Outside lie zeros,
/// or with `repeat_edge` the border's own values.
class TentSampler {
 public:
  static constexpr float most_reach = 8;  ///< beyond it, averages stay this wide

  /// Copies in (H, W, C). `reach_y`, `reach_x` in pixels. No allocation for pictures no larger than before.
  void set(View<const float> in, float reach_y, float reach_x, bool repeat_edge) {
    reach_y_ = reach_y > 1 ? std::min(reach_y, most_reach) : 1;
    reach_x_ = reach_x > 1 ? std::min(reach_x, most_reach) : 1;
    h_ = in.shape[0], w_ = in.shape[1], channels_ = in.shape[2];
    margin_ = taps() + 2;
    row_ = (w_ + 2 * margin_) * channels_;
    framed_.reserve_at_least((h_ + 2 * most_margin) * (w_ + 2 * most_margin) * channels_);
    fill(in, repeat_edge);
  }

  /// out (count, C): the picture at (y[k], x[k]), where pixel centres lie on whole numbers. A place that is not a
  /// number counts as far outside. No allocation for rows no longer than before.
  void read(const float* y, const float* x, Index count, float* out) {
    weight_.reserve_at_least(2 * most_taps * count);
    first_.reserve_at_least(2 * count);
    const Tents tents{first_.data(), first_.data() + count, weight_.data(), weight_.data() + most_taps * count, count};
    weigh(y, count, reach_y_, h_, tents.first_y, tents.weight_y);
    weigh(x, count, reach_x_, w_, tents.first_x, tents.weight_x);
    if (channels_ == 1)
      read_by_taps<1>(tents, out);
    else if (channels_ == 3)
      read_by_taps<3>(tents, out);
    else
      read_all<0, 0>(tents, out);
  }

 private:
  static constexpr Index most_taps = static_cast<Index>(2 * most_reach), most_margin = most_taps + 2;

  /// For a row of places the first pixels under their tents, and the weights of those and their followers: (taps,
  /// count), which sum to 1 for every place. With more taps than a tent is wide the last ones weigh 0.
  struct Tents {
    int *first_y, *first_x;
    float *weight_y, *weight_x;
    Index count;
  };

  void fill(View<const float> in, bool repeat_edge) {
    const Index side = margin_ * channels_, middle = w_ * channels_;
    for (Index i = -margin_; i < h_ + margin_; ++i) {
      float* to = framed_.data() + (i + margin_) * row_;
      if (!repeat_edge && (i < 0 || i >= h_)) {
        std::fill_n(to, row_, 0.f);
        continue;
      }
      const float* from = in.data + std::clamp<Index>(i, 0, h_ - 1) * middle;
      std::copy_n(from, middle, to + side);
      for (Index k = 0; k < side; ++k) {
        to[k] = repeat_edge ? from[k % channels_] : 0.f;
        to[side + middle + k] = repeat_edge ? from[middle - channels_ + k % channels_] : 0.f;
      }
    }
  }

  /// Pixels under the tent on both axes, an even number.
  Index taps() const { return 2 * static_cast<Index>(std::ceil(std::max(reach_y_, reach_x_))); }

  void weigh(const float* at, Index count, float reach, Index extent, int* first, float* weight) {
    // Further out nothing changes any more; written so that what is not a number goes to the first limit.
    const float least = -reach - 1, most = static_cast<float>(extent) + reach, scale = 1 / reach;
    const Index taps = this->taps();
    total_.reserve_at_least(2 * count);
    float *total = total_.data(), *centre = total + count;
    for (Index j = 0; j < count; ++j) {
      const float above = at[j] > least ? at[j] : least, held = above < most ? above : most, start = held - reach;
      const int whole = static_cast<int>(start);  // towards zero
      first[j] = whole + (static_cast<float>(whole) > start ? 0 : 1);
      centre[j] = held;
      total[j] = 0;
    }
    for (Index k = 0; k < taps; ++k)
      for (Index j = 0; j < count; ++j) {
        const float w = 1 - std::abs(static_cast<float>(first[j] + static_cast<int>(k)) - centre[j]) * scale;
        weight[k * count + j] = w > 0 ? w : 0.f;
        total[j] += weight[k * count + j];
      }
    for (Index k = 0; k < taps; ++k)
      for (Index j = 0; j < count; ++j) weight[k * count + j] /= total[j];
  }

  /// Knows the commonest numbers of taps at compile time: bilinear, and averages of up to two, three and four times.
  template <Index Channels>
  void read_by_taps(const Tents& tents, float* out) const {
    switch (taps()) {
      case 2:
        return read_all<Channels, 2>(tents, out);
      case 4:
        return read_all<Channels, 4>(tents, out);
      case 6:
        return read_all<Channels, 6>(tents, out);
      case 8:
        return read_all<Channels, 8>(tents, out);
      default:
        return read_all<Channels, 0>(tents, out);
    }
  }

  /// Template arguments are 0 where a number is known only at run time.
  template <Index Channels, Index Taps>
  void read_all(const Tents& t, float* out) const {
    const Index channels = Channels > 0 ? Channels : channels_, taps = Taps > 0 ? Taps : this->taps();
    for (Index k = 0; k < t.count; ++k, out += channels) {
      const float* p = framed_.data() + (t.first_y[k] + margin_) * row_ + (t.first_x[k] + margin_) * channels;
      if constexpr (Channels > 0)
        average<Channels>(p, taps, t.weight_y + k, t.weight_x + k, t.count, out);
      else
        for (Index c = 0; c < channels; ++c)
          out[c] = average_channel(p + c, taps, t.weight_y + k, t.weight_x + k, t.count);
    }
  }

  /// All columns under the tent first, since they lie side by side, and then across. Weights are `step` apart.
  template <Index Channels>
  void average(const float* p, Index taps, const float* wy, const float* wx, Index step, float* out) const {
    std::array<float, to_size(Channels * most_taps)> column;
    for (Index b = 0; b < taps * Channels; ++b) column[to_size(b)] = wy[0] * p[b];
    for (Index a = 1; a < taps; ++a)
      for (Index b = 0; b < taps * Channels; ++b) column[to_size(b)] += wy[a * step] * p[a * row_ + b];
    for (Index c = 0; c < Channels; ++c) {
      float sum = 0;
      for (Index b = 0; b < taps; ++b) sum += wx[b * step] * column[to_size(b * Channels + c)];
      out[c] = sum;
    }
  }

  float average_channel(const float* p, Index taps, const float* wy, const float* wx, Index step) const {
    float sum = 0;
    for (Index a = 0; a < taps; ++a) {
      float line = 0;
      for (Index b = 0; b < taps; ++b) line += wx[b * step] * p[a * row_ + b * channels_];
      sum += wy[a * step] * line;
    }
    return sum;
  }

  Buffer<float> framed_, weight_, total_;
  Buffer<int> first_;
  Index h_ = 0, w_ = 0, channels_ = 0, margin_ = 0, row_ = 0;
  float reach_y_ = 1, reach_x_ = 1;
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <vector>

#include "sseg/augment/luma.hpp"
#include "sseg/concepts/dataset.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// What an image is like, each in [0, 1].
struct ImageStatistics {
  double brightness_entropy = 0;   ///< of the histogram of luma in 32 steps, per 5 bits
  double orientation_entropy = 0;  ///< of the directions of edges in 8 steps, weighted by their strength, per 3 bits
  double edge_density = 0;         ///< share of the inner pixels that lie on an edge
  bool operator==(const ImageStatistics&) const = default;

  /// Many brightnesses, in many directions: 0 for an even picture, 1 where both are spread evenly.
  double difficulty() const { return brightness_entropy * orientation_entropy; }
};

/// How difficult an image is, from the image alone. An edge is where the luma, averaged over 3×3 pixels against noise,
/// changes by more than `least_edge` a pixel (central differences).
class DifficultyScorer {
 public:
  explicit DifficultyScorer(float least_edge = 0.04f) : least_edge_(least_edge) {
    require(least_edge > 0, "an edge is a change of more than 0", "DifficultyScorer", "give least_edge > 0");
  }

  /// Throws: Error for a picture smaller than 3×3.
  ImageStatistics statistics(View<const float> image) const {
    require(image.shape.rank == 3 && image.shape[0] >= 3 && image.shape[1] >= 3 && image.shape[2] >= 1,
            "a picture of at least 3 x 3 pixels is needed", "DifficultyScorer", "give a view of (H, W, C)");
    const Index h = image.shape[0], w = image.shape[1], channels = image.shape[2];
    static thread_local std::vector<float> light, smooth;
    light.resize(to_size(h * w));
    for (Index p = 0; p < h * w; ++p) light[to_size(p)] = luma(image.data + p * channels, channels);
    smoothen(h, w, light, smooth);
    ImageStatistics s;
    s.brightness_entropy = brightness_entropy(light);
    measure_edges(h, w, smooth, s);
    return s;
  }
  double operator()(View<const float> image) const { return statistics(image).difficulty(); }

 private:
  static constexpr std::size_t brightnesses = 32, directions = 8;

  /// In bits, of counts or weights; 0 when there are none.
  static double entropy(std::span<const double> weight) {
    double total = 0, bits = 0;
    for (const double w : weight) total += w;
    for (const double w : weight)
      if (w > 0) bits -= w / total * std::log2(w / total);
    return bits;
  }
  static double brightness_entropy(std::span<const float> light) {
    std::array<double, brightnesses> count{};
    for (const float v : light) {
      const float step = std::clamp(v, 0.f, 1.f) * static_cast<float>(brightnesses);
      ++count[std::min(static_cast<std::size_t>(step), brightnesses - 1)];
    }
    return entropy(count) / std::log2(static_cast<double>(brightnesses));
  }
  /// Mean of the 3×3 pixels around each; the border is left as it is and not looked at.
  static void smoothen(Index h, Index w, const std::vector<float>& in, std::vector<float>& out) {
    out = in;
    for (Index y = 1; y + 1 < h; ++y)
      for (Index x = 1; x + 1 < w; ++x) {
        float sum = 0;
        for (Index i = -1; i <= 1; ++i)
          for (Index j = -1; j <= 1; ++j) sum += in[to_size((y + i) * w + x + j)];
        out[to_size(y * w + x)] = sum / 9;
      }
  }
  void measure_edges(Index h, Index w, const std::vector<float>& light, ImageStatistics& s) const {
    std::array<double, directions> strength{};
    Index edges = 0, looked = 0;
    for (Index y = 2; y + 2 < h; ++y)
      for (Index x = 2; x + 2 < w; ++x, ++looked) {
        const Index p = y * w + x;
        const float dx = 0.5f * (light[to_size(p + 1)] - light[to_size(p - 1)]);
        const float dy = 0.5f * (light[to_size(p + w)] - light[to_size(p - w)]);
        const float length = std::sqrt(dx * dx + dy * dy);
        if (length <= least_edge_) continue;
        ++edges;
        const float half_turns = std::atan2(dy, dx) / std::numbers::pi_v<float> + 1;  // opposite directions are one
        const auto step = static_cast<std::size_t>(half_turns * static_cast<float>(directions));
        strength[step % directions] += static_cast<double>(length);
      }
    s.edge_density = looked > 0 ? static_cast<double>(edges) / static_cast<double>(looked) : 0;
    s.orientation_entropy = entropy(strength) / std::log2(static_cast<double>(directions));
  }

  float least_edge_;
};

/// The mean difficulty of `count` images of a data set, from image `first` on. Throws: Error when there are not so
/// many.
template <Dataset D>
double mean_difficulty(const D& data, Index first, Index count, const DifficultyScorer& scorer = DifficultyScorer()) {
  require(first >= 0 && count >= 1 && first <= data.size() - count, "there are not so many images", "mean_difficulty",
          "give a range within the data set");
  const ImageSpec spec = data.spec();
  std::vector<float> picture(to_size(spec.shape.count()));
  double sum = 0;
  for (Index i = first; i < first + count; ++i) {
    data.read(i, View<float>{picture.data(), spec.shape});
    sum += scorer(View<const float>{picture.data(), spec.shape});
  }
  return sum / static_cast<double>(count);
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "sseg/backend/cpu/eigen_gemm.hpp"
#include "sseg/core/error.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// What a whitening is computed from.
struct WhiteningConfig {
  Index images = 1000;     ///< of the training images, evenly spaced; 0: no whitening
  Index views = 4;         ///< distorted views of each, 2 to 16
  float shrinkage = 0.1f;  ///< share of the mean variance that is added to every direction's, 0.0001 or more
  bool operator==(const WhiteningConfig&) const = default;

  /// Throws: Error when a number makes no sense.
  void check() const {
    require(images >= 0 && images <= 1 << 24 && views >= 2 && views <= 16 && shrinkage >= 1e-4f && shrinkage <= 1e6f,
            "the whitening's numbers make no sense", "evaluation.whitening",
            "give no negative number of images, 2 to 16 views of each, and a shrinkage of 0.0001 to 1000000");
  }
};

namespace detail {

/// Of `of` images, evenly spaced in a data set, `count` from number `begin` on.
template <Dataset D>
struct EvenlySpaced {
  const D& all;
  Index of, begin, count;
  Index size() const { return count; }
  ImageSpec spec() const { return all.spec(); }
  Index read(Index i, View<float> out) const { return all.read((begin + i) * all.size() / of, out); }
};

/// The inverse of L with L·Lᵀ = a, for the symmetric positive definite n×n matrix `a` (Golub & Van Loan, sections 4.2
/// and 3.1). Our own because Eigen's takes two seconds to compile. Throws: Error when `a` is not positive definite.
template <class T>
std::vector<T> inverse_cholesky(std::vector<T> a, Index n) {
  const auto at = [n](std::vector<T>& m, Index i, Index j) -> T& { return m[to_size(i * n + j)]; };
  for (Index j = 0; j < n; ++j)
    for (Index i = j; i < n; ++i) {
      T sum = at(a, i, j);
      for (Index k = 0; k < j; ++k) sum -= at(a, i, k) * at(a, j, k);
      require(i != j || (sum > 0 && std::isfinite(sum)), "a covariance is not positive definite", "inverse_cholesky",
              "look for features that are not finite, or raise the shrinkage");
      at(a, i, j) = i == j ? std::sqrt(sum) : sum / at(a, j, j);
    }
  std::vector<T> inverse(to_size(n * n), T{});
  for (Index j = 0; j < n; ++j)
    for (Index i = j; i < n; ++i) {
      T sum = i == j ? T{1} : T{};
      for (Index k = j; k < i; ++k) sum -= at(a, i, k) * at(inverse, k, j);
      at(inverse, i, j) = sum / at(a, i, i);
    }
  return inverse;
}

/// scatter += Σ (x − x̄)·(x − x̄)ᵀ over views and places, x̄ the mean over an image's views. Less the first view before
/// the mean is taken: views that are equal leave exactly zero.
template <class T>
void add_scatter(Threads& threads, std::vector<Features> views, Index channels, Buffer<T>& scatter) {
  const Index values = views.front().rows.size();
  for (Index j = 0; j < values; ++j) {
    const T first = views.front().rows[j];
    T mean{};
    for (Features& v : views) mean += (v.rows[j] -= first);
    mean /= static_cast<T>(views.size());
    for (Features& v : views) v.rows[j] -= mean;
  }
  for (const Features& v : views)
    cpu::eigen_gemm(threads, Gemm<T>{channels, channels, values / channels, T{1}, v.rows.data(), true, v.rows.data(),
                                     false, scatter.data(), true});
}

/// The inverse Cholesky factor of scatter + shrinkage·tr(scatter)/C·1; of 1 when the scatter is zero.
template <class T>
std::vector<float> whitening_of(const Buffer<T>& scatter, Index channels, float shrinkage) {
  std::vector<double> covariance(scatter.begin(), scatter.end());
  double trace = 0;
  for (Index c = 0; c < channels; ++c) trace += covariance[to_size(c * channels + c)];
  const double each = trace == 0 ? 1 : static_cast<double>(shrinkage) * trace / static_cast<double>(channels);
  for (Index c = 0; c < channels; ++c) covariance[to_size(c * channels + c)] += each;
  const std::vector<double> w = inverse_cholesky(std::move(covariance), channels);
  // Rows of mean length 1: the scale says nothing to a cosine, and floats stay far from their limits.
  double squares = 0;
  for (const double v : w) squares += v * v;
  const double scale = std::sqrt(static_cast<double>(channels) / squares);
  std::vector<float> scaled(w.size());
  std::transform(w.begin(), w.end(), scaled.begin(), [&](double v) { return static_cast<float>(scale * v); });
  return scaled;
}

}  // namespace detail

/// W, (C, C), proportional to L⁻¹ with L·Lᵀ = S + shrinkage·tr(S)/C·1, where S is the covariance of an image's features
/// over its distorted views: directions that tell views of one image apart count less. This is within-class covariance
/// normalisation (WCCN; Hatch, Kajarekar & Stolcke 2006) with every unlabelled image a class of its own. S is taken
/// over all places of the feature map together, so that one W serves each. `augment` makes a view of the data set's
/// pictures; view v of the k-th image that is looked at is drawn from `rng`, k and v alone. The same for any number of
/// threads. Identity when no view differs from another. Throws: Error when there is nothing to look at, features are
/// not finite, or `channels` does not divide them.
template <class B, Dataset D, class Net, Augmentation A>
std::vector<float> within_class_whitening(B& backend, const Net& net, const ParamStore<float>& store, const D& data,
                                          const A& augment, Index channels, const WhiteningConfig& config,
                                          const Rng& rng) {
  config.check();
  const Index images = std::min(config.images, data.size());
  require(channels >= 1 && images >= 1, "there is nothing to whiten", "within_class_whitening",
          "give images, and the channels of the feature map");
  constexpr Index block = 256;  // images at a time: bounds the memory, and decides nothing
  Embedder<B> embedder(backend);
  Buffer<float> scatter(channels * channels);
  for (Index begin = 0; begin < images; begin += block) {
    const detail::EvenlySpaced<D> part{data, images, begin, std::min(block, images - begin)};
    std::vector<Features> views;
    for (Index v = 0; v < config.views; ++v)
      views.push_back(embedder.embed_view(net, store, part, augment, v, rng, begin));
    require(views.front().dim % channels == 0, "the features are no map of this many channels",
            "within_class_whitening", "give the channels of the last stage");
    detail::add_scatter(backend.threads(), std::move(views), channels, scatter);
  }
  return detail::whitening_of(scatter, channels, config.shrinkage);
}

}  // namespace sseg

SSEG_FIELDS(sseg::WhiteningConfig, images, views, shrinkage);

#pragma once
#include <utility>

#include "sseg/fewshot/base_statistics.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/fewshot/whiten_rows.hpp"

namespace sseg {

/// Pictures by their features, one row a picture, seen in up to three ways.
struct PictureFeatures {
  Features plain{};     ///< as the net makes them; with copies, each of unit length
  Features centred{};   ///< by `centre_rows`; empty for copies side by side, and where the mean is not known
  Features whitened{};  ///< by `whiten_rows`; empty where there is no whitening
};

/// The copies by which pictures are known beside themselves.
struct PictureCopies {
  Index count = 0;
  bool averaged = true;  ///< one feature a picture, the mean over it and its copies; else all of them side by side
};

namespace detail {

inline void unit_rows(Features& f) {
  for (Index i = 0; i < f.size(); ++i) scale_to_unit(f.rows.data() + i * f.dim, f.dim);
}

/// Adds the features of copy `k` of every picture to `all`: to their mean, or side by side.
inline void add_copy(Features& all, const Features& copy, Index k, const PictureCopies& copies) {
  const Index parts = copies.averaged ? 1 : copies.count + 1;
  if (k == 0) {
    all.dim = parts * copy.dim;
    all.rows.resize(copy.size() * all.dim);
  }
  const float weight = copies.averaged ? 1 / static_cast<float>(copies.count + 1) : 1.f;
  const Index place = copies.averaged ? 0 : k * copy.dim;
  for (Index i = 0; i < copy.size(); ++i)
    for (Index d = 0; d < copy.dim; ++d) all.rows[i * all.dim + place + d] += weight * copy.rows[i * copy.dim + d];
}

}  // namespace detail

/// The features of the framed pictures and of `copies.count` augmented copies of each; each copy is centred, whitened
/// and scaled by itself. `frame` and `augment` make what the net reads of the data set's (maybe larger) pictures. Copy
/// k of image i is drawn from `rng`, i and k alone; evaluation mode, so a picture's features depend on it alone
/// (whitened ones but for rounding). Throws: Error when `base` does not belong to this net's features.
template <class B, Dataset D, class Net, Augmentation F, Augmentation A>
PictureFeatures picture_features(B& backend, const Net& net, const ParamStore<typename B::Scalar>& store, const D& data,
                                 const F& frame, const A& augment, const PictureCopies& copies, const Rng& rng,
                                 const BaseStatistics& base = {}) {
  Embedder<B> embedder(backend);
  PictureFeatures all;
  for (Index k = 0; k <= copies.count; ++k) {
    Features f = k == 0 ? embedder.embed_view(net, store, data, frame, 0, rng)
                        : embedder.embed_view(net, store, data, augment, k - 1, rng);
    base.check(f.dim);
    if (!base.mean.empty() && copies.averaged) {
      Features centred = f;
      centre_rows(base, centred);
      detail::add_copy(all.centred, centred, k, copies);
    }
    if (!base.whitening.empty()) {
      Features whitened = f;
      whiten_rows(backend.threads(), base, whitened);
      detail::add_copy(all.whitened, whitened, k, copies);
    }
    if (copies.count == 0) {
      all.plain = std::move(f);
      return all;
    }
    detail::unit_rows(f);
    detail::add_copy(all.plain, f, k, copies);
  }
  return all;
}

}  // namespace sseg

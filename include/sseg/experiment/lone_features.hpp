#pragma once
#include <algorithm>
#include <cstdint>

#include "sseg/data/images.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/fewshot/picture_features.hpp"

namespace sseg {

namespace detail {

/// Pictures as one augmentation shows them, every one by the same draw.
template <class A>
struct AlikeViews {
  const Images& from;
  const A& augment;
  Rng draw;

  Index size() const { return from.size(); }
  ImageSpec spec() const { return {augment.out_shape(from.shape), 0, from.name}; }
  Index read(Index i, View<float> out) const {
    Rng rng = draw;
    augment(rng, from.image(i), out);
    return -1;
  }
};

/// `whiten_rows` of each row by itself: a product of matrices rounds otherwise with other rows beside it.
inline void whiten_lone_rows(Threads& threads, const BaseStatistics& base, Features& f) {
  threads.run(f.size(), [&](Index i) {
    Threads alone(1);
    Features one{f.dim, Buffer<float>(f.dim)};
    float* const row = f.rows.data() + i * f.dim;
    std::copy_n(row, f.dim, one.rows.data());
    whiten_rows(alone, base, one);
    std::copy_n(one.rows.data(), f.dim, row);
  });
}

}  // namespace detail

/// The features by which a run's evaluation knows one picture (`picture_features`), whitened or plain, of many pictures
/// at once, each exactly as if it were alone: bit for bit, whatever pictures lie beside it. Copy k is drawn from the
/// run's seed and k, and so distorts every picture alike.
template <class B, class Net>
Features lone_features(B& backend, const Net& net, const ParamStore<float>& store, const Images& images,
                       const RunConfig& c, const BaseStatistics& base, bool whitened) {
  const PictureCopies copies{c.evaluation.copies, !best_match(c.evaluation)};
  const Rng draws = Rng(c.seed).split("copies").split(std::uint64_t{0});
  const auto frame = main_frame(c);
  const auto augment = mild_augment(c);
  Embedder<B> embedder(backend);
  Features all;
  for (Index k = 0; k <= copies.count; ++k) {
    const Rng draw = draws.split(static_cast<std::uint64_t>(std::max<Index>(k - 1, 0)));
    Features f = k == 0 ? embedder.embed(net, store, detail::AlikeViews<Frame>{images, frame, draw})
                        : embedder.embed(net, store, detail::AlikeViews<MainAugment>{images, augment, draw});
    base.check(f.dim);
    if (whitened)
      detail::whiten_lone_rows(backend.threads(), base, f);
    else if (copies.count > 0)
      detail::unit_rows(f);
    if (copies.count == 0) return f;
    detail::add_copy(all, f, k, copies);
  }
  return all;
}

}  // namespace sseg

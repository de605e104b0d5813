#pragma once
#include <vector>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/data/images.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/fewshot/prototypes.hpp"

namespace sseg {

/// A label-free measure of features: held-out images, two fixed augmented views of each; the share of first views whose
/// nearest second view (cosine) is of the same image. The pictures never change, so values before and after a mutation
/// compare.
class InstanceProbe {
 public:
  /// Fixes the views of `images` from `rng`.
  template <Augmentation A>
  InstanceProbe(const Images& images, const A& augment, const Rng& rng) {
    const Shape out = augment.out_shape(images.shape);
    for (std::size_t v = 0; v < 2; ++v) {
      views_[v] = Images{images.name, out, Buffer<float>(images.size() * out.count()), {}, {}, {}, {}};
      for (Index i = 0; i < images.size(); ++i) {
        Rng draw = rng.split(static_cast<std::uint64_t>(i)).split(static_cast<std::uint64_t>(v));
        augment(draw, images.image(i), views_[v].image(i));
      }
    }
  }

  Index size() const { return views_[0].size(); }

  /// Share in 0 … 1, in evaluation mode; ties go to the lowest image.
  template <class B, class Net>
  double measure(B& backend, const Net& net, const ParamStore<typename B::Scalar>& store) const {
    Embedder<B> embedder(backend);
    const Features a = embedder.embed(net, store, views_[0]), b = embedder.embed(net, store, views_[1]);
    std::vector<float> inverse(to_size(size()));
    for (Index i = 0; i < size(); ++i) {
      const float square = inner(b, i, b, i);
      inverse[to_size(i)] = square > 0 ? 1 / std::sqrt(square) : 0;
    }
    std::vector<char> hit(to_size(size()));
    backend.threads().run(size(), [&](Index i) {
      Index best = 0;
      float top = inner(a, i, b, 0) * inverse[0];
      for (Index j = 1; j < size(); ++j) {
        const float score = inner(a, i, b, j) * inverse[to_size(j)];
        if (score > top) top = score, best = j;
      }
      hit[to_size(i)] = best == i;
    });
    Index hits = 0;
    for (const char h : hit) hits += h;
    return size() > 0 ? static_cast<double>(hits) / static_cast<double>(size()) : 0;
  }

 private:
  static float inner(const Features& a, Index i, const Features& b, Index j) {
    return detail::dot(a.row(i).data, b.row(j).data, a.dim);
  }
  Images views_[2];
};

}  // namespace sseg

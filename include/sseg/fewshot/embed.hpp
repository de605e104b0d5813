#pragma once
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/concepts/dataset.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/fewshot/features.hpp"
#include "sseg/net/trace.hpp"

namespace sseg {

/// Computes features in evaluation mode (running statistics: inductive, an image's feature never depends on the
/// others), in batches of at most `batch` images.
template <class B>
class Embedder {
 public:
  /// Requires of the backend: `threads()`, a team for reading images. Throws: Error when `batch` is not positive.
  explicit Embedder(B& backend, Index batch = 256) : backend_(&backend), batch_(batch) {
    require(batch >= 1, "an embedder needs batches of one image or more", "Embedder", "give a positive batch");
  }

  /// One row an image of the data set: the net's output.
  template <Dataset D, class Net>
  Features embed(const Net& net, const ParamStore<typename B::Scalar>& store, const D& data) {
    return run(net, store, data.size(), ImageSpec(data.spec()).shape,
               [&](Index i, View<float> image) { data.read(i, image); });
  }

  /// The features of the framed image and of `copies` augmented copies of it, each scaled to unit length, one after the
  /// other in one row: (copies + 1) · D values. `frame` and `augment` make what the net reads of the data set's (maybe
  /// larger) pictures. Copy k of image i is drawn from `rng`, i and k alone.
  template <Dataset D, class Net, Augmentation F, Augmentation A>
  Features embed_copies(const Net& net, const ParamStore<typename B::Scalar>& store, const D& data, const F& frame,
                        const A& augment, Index copies, const Rng& rng) {
    Features all;
    each_copy(net, store, data, frame, augment, copies, rng, [&](Index k, const Features& copy) {
      if (k == 0) all.dim = copy.dim * (copies + 1), all.rows.resize(copy.size() * all.dim);
      for (Index i = 0; i < copy.size(); ++i)
        std::copy_n(copy.rows.data() + i * copy.dim, copy.dim, all.rows.data() + i * all.dim + k * copy.dim);
    });
    return all;
  }

  /// The mean of the same features.
  template <Dataset D, class Net, Augmentation F, Augmentation A>
  Features embed_averaged(const Net& net, const ParamStore<typename B::Scalar>& store, const D& data, const F& frame,
                          const A& augment, Index copies, const Rng& rng) {
    Features mean;
    each_copy(net, store, data, frame, augment, copies, rng, [&](Index k, Features& copy) {
      if (k == 0) return std::swap(mean, copy);
      for (Index j = 0; j < mean.rows.size(); ++j) mean.rows[j] += copy.rows[j];
    });
    for (float& v : mean.rows) v /= static_cast<float>(copies + 1);
    return mean;
  }

 private:
  /// visit(k, features of unit length): k = 0 the framed images, k > 0 their augmented copies.
  template <Dataset D, class Net, Augmentation F, Augmentation A, class Visit>
  void each_copy(const Net& net, const ParamStore<typename B::Scalar>& store, const D& data, const F& frame,
                 const A& augment, Index copies, const Rng& rng, Visit&& visit) {
    const Shape raw = ImageSpec(data.spec()).shape;
    const auto through = [&](const auto& step, Index copy) {
      Features f = run(net, store, data.size(), step.out_shape(raw), [&](Index i, View<float> image) {
        Buffer<float> plain(raw.count());
        data.read(i, {plain.data(), raw});
        Rng draw = rng.split(static_cast<std::uint64_t>(i)).split(static_cast<std::uint64_t>(copy));
        step(draw, View<const float>{plain.data(), raw}, image);
      });
      unit_rows(f);
      return f;
    };
    for (Index k = 0; k <= copies; ++k) {
      Features f = k == 0 ? through(frame, -1) : through(augment, k - 1);
      visit(k, f);
    }
  }

  template <class Net, class Read>
  Features run(const Net& net, const ParamStore<typename B::Scalar>& store, Index n, Shape image, Read&& read) {
    Features out;
    out.dim = net.out_shape({1, image[0], image[1], image[2]}).count();
    out.rows.resize(n * out.dim);
    input_.reserve_at_least(std::min(batch_, n) * image.count());
    for (Index begin = 0; begin < n; begin += batch_) {
      const Index count = std::min(batch_, n - begin);
      backend_->threads().run(count, [&](Index i) { read(begin + i, {input_.data() + i * image.count(), image}); });
      const auto y = trace_.infer(*backend_, net, store, {input_.data(), {count, image[0], image[1], image[2]}});
      std::copy_n(y.data, count * out.dim, out.rows.data() + begin * out.dim);
    }
    return out;
  }
  static void unit_rows(Features& f) {
    for (Index i = 0; i < f.size(); ++i) {
      float* row = f.rows.data() + i * f.dim;
      float squares = 0;
      for (Index d = 0; d < f.dim; ++d) squares += row[d] * row[d];
      const float norm = std::sqrt(squares);
      for (Index d = 0; d < f.dim && norm > 0; ++d) row[d] /= norm;
    }
  }

  B* backend_;
  Index batch_;
  Buffer<float> input_;
  Trace<typename B::Scalar> trace_;
};

}  // namespace sseg

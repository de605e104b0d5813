#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "sseg/backend/from_host.hpp"
#include "sseg/backend/to_host.hpp"
#include "sseg/concepts/augmentation.hpp"
#include "sseg/concepts/dataset.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/fewshot/features.hpp"
#include "sseg/net/frozen_net.hpp"
#include "sseg/net/trace.hpp"

namespace sseg {

/// Computes features in evaluation mode (running statistics: inductive, an image's feature never depends on the
/// others), in batches of at most `batch` images. Pictures and features lie on the host, whatever the backend; a store
/// that lies there while the backend's arrays do not is copied to them for the call.
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
    return run(inference(net, store), data.size(), ImageSpec(data.spec()).shape,
               [&](Index i, View<float> image) { data.read(i, image); });
  }
  /// The same bits, faster for few images. Requires: `net` was made for this embedder's backend.
  template <Dataset D, class Net>
  Features embed(FrozenNet<B, Net>& net, const D& data) {
    return run(net, data.size(), ImageSpec(data.spec()).shape,
               [&](Index i, View<float> image) { data.read(i, image); });
  }

  /// The net's output for one augmented view of every image of the data set, whose pictures may be larger than what the
  /// net reads. View `v` of image i is drawn from `rng`, i + `first` and v alone.
  template <Dataset D, class Net, Augmentation A>
  Features embed_view(const Net& net, const ParamStore<typename B::Scalar>& store, const D& data, const A& augment,
                      Index v, const Rng& rng, Index first = 0) {
    const Shape raw = ImageSpec(data.spec()).shape;
    return run(inference(net, store), data.size(), augment.out_shape(raw), [&](Index i, View<float> image) {
      Buffer<float> plain(raw.count());
      data.read(i, {plain.data(), raw});
      Rng draw = rng.split(static_cast<std::uint64_t>(first + i)).split(static_cast<std::uint64_t>(v));
      augment(draw, View<const float>{plain.data(), raw}, image);
    });
  }

 private:
  template <class Net>
  struct Inference {
    Embedder& by;
    const Net& net;
    const ParamStore<typename B::Scalar>& given;
    std::optional<ParamStore<typename B::Scalar>> there{};  ///< where the backend's arrays lie, if `given` does not
    View<const float> operator()(View<const float> x) const {
      return by.trace_.infer(*by.backend_, net, there ? *there : given, x);
    }
    Shape out_shape(Shape x) const { return net.out_shape(x); }
  };
  template <class Net>
  Inference<Net> inference(const Net& net, const ParamStore<typename B::Scalar>& store) {
    Inference<Net> all{*this, net, store};
    if constexpr (HasMemory<B>)
      if (store.value.on_host()) all.there.emplace(store).move_to(backend_->memory());
    return all;
  }

  template <class Net, class Read>
  Features run(Net&& net, Index n, Shape image, Read&& read) {
    Features out;
    out.dim = net.out_shape({1, image[0], image[1], image[2]}).count();
    out.rows.resize(n * out.dim);
    input_.reserve_at_least(std::min(batch_, n) * image.count());
    for (Index begin = 0; begin < n; begin += batch_) {
      const Index count = std::min(batch_, n - begin);
      backend_->threads().run(count, [&](Index i) { read(begin + i, {input_.data() + i * image.count(), image}); });
      const auto x = from_host_(*backend_, {input_.data(), {count, image[0], image[1], image[2]}});
      const auto y = to_host_(*backend_, net(x));
      std::copy_n(y.data, count * out.dim, out.rows.data() + begin * out.dim);
    }
    return out;
  }

  B* backend_;
  Index batch_;
  Buffer<float> input_;
  FromHost<typename B::Scalar> from_host_;
  ToHost<typename B::Scalar> to_host_;
  Trace<typename B::Scalar> trace_;
};

}  // namespace sseg

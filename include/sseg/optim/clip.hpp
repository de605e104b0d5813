#pragma once
#include <algorithm>
#include <string_view>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/net/param_store.hpp"
#include "sseg/optim/weight_average.hpp"

namespace sseg {

/// Shortens the gradient of every parameter tensor whose Euclidean norm exceeds `norm` to that norm; the others stay as
/// they are. DINO clips each tensor by itself, not the gradient as a whole (Caron et al. 2021).
struct ClipPerTensor {
  float norm = 3.f;  ///< 0: off
  bool operator==(const ClipPerTensor&) const = default;

  /// Returns how many tensors were shortened. A gradient whose norm is not finite stays as it is and is not counted.
  template <class B>
  Index operator()(B& backend, ParamStore<typename B::Scalar>& store) const {
    using T = typename B::Scalar;
    if (norm <= 0) return 0;
    if constexpr (HasMemory<B>) return clip_away(backend, store);
    Index clipped = 0;
    for (const auto& e : store.entries) {
      if (!e.is_param()) continue;
      double was = 0;
      dispatch(backend, ClipNorm<T>{e.count(), static_cast<T>(norm), store.grad.data() + e.offset, &was});
      clipped += too_long(was);
    }
    return clipped;
  }
  /// The same without counting, so that nobody waits where gradients lie away from the host; −1 there.
  template <class B>
  Index shorten(B& backend, ParamStore<typename B::Scalar>& store) const {
    if constexpr (!HasMemory<B>) return (*this)(backend, store);
    if (norm > 0) (void)norms_away(backend, store);
    return -1;
  }

 private:
  bool too_long(double was) const { return was > static_cast<double>(norm) && was - was == 0; }

  /// Clips away from the host; the norms as they were lie there, those of parameters first.
  template <class B>
  Buffer<double> norms_away(B& backend, ParamStore<typename B::Scalar>& store) const {
    using T = typename B::Scalar;
    Buffer<double> norms;
    norms.lie_in(memory_of(backend));
    norms.reserve_at_least(static_cast<Index>(store.entries.size()));
    Index tensors = 0;
    for (const auto& e : store.entries)
      if (e.is_param())
        dispatch(backend,
                 ClipNorm<T>{e.count(), static_cast<T>(norm), store.grad.data() + e.offset, norms.data() + tensors++});
    return norms;
  }
  /// All norms come over together.
  template <class B>
  Index clip_away(B& backend, ParamStore<typename B::Scalar>& store) const {
    const Buffer<double> norms = norms_away(backend, store);
    std::vector<double> seen(
        to_size(std::count_if(store.entries.begin(), store.entries.end(), [](const auto& e) { return e.is_param(); })));
    norms.download(seen);
    return std::count_if(seen.begin(), seen.end(), [&](double was) { return too_long(was); });
  }
};

/// An optimizer whose gradients are clipped before each update, in the store. It has the name and the state of the
/// optimizer inside, so that clipping may begin or end in the middle of a run.
template <class Inner>
struct Clipped {
  static constexpr std::string_view name = Inner::name;
  static constexpr int moments = Inner::moments;
  static constexpr bool shortens_gradients = true;
  Inner inner{};
  ClipPerTensor clip{};
  bool operator==(const Clipped&) const = default;

  /// Returns how many tensors were clipped, −1 away from the host (ClipPerTensor::shorten).
  template <class B>
  Index update(B& backend, ParamStore<typename B::Scalar>& store, float rate) const {
    const Index clipped = clip.shorten(backend, store);
    inner.update(backend, store, rate);
    return clipped;
  }
  template <class B>
  requires TakesAverage<Inner, B, ParamStore<typename B::Scalar>> Index
  update(B& backend, ParamStore<typename B::Scalar>& store, float rate, WeightAverage<typename B::Scalar> average)
  const {
    const Index clipped = clip.shorten(backend, store);
    inner.update(backend, store, rate, average);
    return clipped;
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::ClipPerTensor, norm);
